package dev.agentlab.upstream;

import dev.agentlab.eventloop.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// One HTTP client for each event loop. The pool of a client that served several event loops would
/// give a call the connection of another one, and every signal of the response would change the
/// thread. Thread-safe.
final class HttpClientsByLoop {
  private final List<HttpClient> clients;
  private final AtomicInteger assigned = new AtomicInteger();
  private final Map<EventLoop, HttpClient> byLoop = new ConcurrentHashMap<>();

  /// @param count the number of event loops
  HttpClientsByLoop(int count, Supplier<HttpClient> factory) {
    clients = Stream.generate(factory).limit(count).toList();
  }

  /// The share of one event loop of the connections that are kept to a destination, at least one.
  int shareOf(int connections) {
    return Math.max(1, Math.ceilDiv(connections, clients.size()));
  }

  HttpClient get(EventLoop loop) {
    HttpClient known = byLoop.get(loop);
    return known != null ? known : assign(loop);
  }

  private HttpClient assign(EventLoop loop) {
    return byLoop.computeIfAbsent(
        loop, _ -> clients.get(Math.floorMod(assigned.getAndIncrement(), clients.size())));
  }

  Future<?> close() {
    return Future.join(clients.stream().map(HttpClient::close).toList());
  }
}
