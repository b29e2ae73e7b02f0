package dev.agentlab.relay;

import dev.agentlab.json.JsonWeight;
import dev.agentlab.llm.LlmProvider;
import dev.agentlab.relay.CircuitBreaker.Permit;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Room;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import dev.agentlab.upstream.UpstreamStream;
import dev.agentlab.wire.CompletionEvents;
import dev.agentlab.wire.ModelRequest;
import dev.agentlab.wire.ProviderFault;
import dev.agentlab.wire.StreamReader;
import dev.agentlab.wire.WireRequest;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/// Calls models: puts a canonical request to a provider in its own dialect and brings the canonical
/// answer back, whole or as it comes.
///
/// What fails in a way that may pass is tried again, with growing pauses, as long as the caller has
/// been given nothing, the target's policy allows it and so does the provider's retry budget. A
/// provider that keeps failing is left alone for a while.
///
/// Blocks the calling thread, which should be virtual. Safe for all threads.
public final class Relay {
  private final Transport network;
  private final RelaySettings settings;
  private final InstantSource clock;
  private final Health health;
  private final Room room;

  public Relay(Transport network, RelaySettings settings, InstantSource clock) {
    this(network, settings, clock, System::nanoTime);
  }

  /// @param nanoTime measures how long circuit breakers stay open
  Relay(Transport network, RelaySettings settings, InstantSource clock, LongSupplier nanoTime) {
    this.network = network;
    this.settings = settings;
    this.clock = clock;
    this.health = new Health(() -> new CircuitBreaker(nanoTime, clock));
    this.room = new Room(settings.readBytes());
  }

  /// Asks for a whole answer.
  ///
  /// @param request one that does not stream
  /// @throws dev.agentlab.errors.InvalidInputException if the provider cannot do what it asks for
  /// @throws RelayException if no answer came
  public RelayedAnswer answer(Target target, ModelRequest request, Cancellation cancellation) {
    WireRequest wire = target.provider().dialect().write(request);
    Health.Of known = health.of(target.key());
    return new Attempts(target, known, target.policy().timeout(), cancellation)
        .run((attempts, permit) -> {
          byte[] json = answer(target, request, wire, cancellation);
          permit.succeeded();
          return new RelayedAnswer(json, wire.warnings(), attempts);
        });
  }

  private byte[] answer(
      Target target, ModelRequest request, WireRequest wire, Cancellation cancellation) {
    LlmProvider provider = target.provider();
    UpstreamResponse response;
    try {
      response =
          transport(provider).send(upstream(provider, wire), whole(target.policy()), cancellation);
    } catch (UpstreamException e) {
      throw new FailedAttempt(Failure.of(e, target.policy()));
    }
    return read(response, request, provider);
  }

  private byte[] read(UpstreamResponse response, ModelRequest request, LlmProvider provider) {
    if (response.status() != 200) {
      throw new FailedAttempt(Failure.of(response, provider, clock.instant()));
    }
    byte[] bytes = response.bytes();
    long weight = bytes.length + JsonWeight.ofTree(JsonWeight.parts(bytes));
    if (!room.take(weight)) {
      throw new FailedAttempt(Failure.noRoom(weight <= room.size()));
    }
    try {
      return provider.dialect().answer(request, bytes, clock.instant());
    } catch (ProviderFault e) {
      throw new FailedAttempt(Failure.of(e, provider));
    } finally {
      room.give(weight);
    }
  }

  /// Asks for an answer as it comes. Comes back with its first events, or without if those keep the
  /// caller waiting for long.
  ///
  /// @param request one that streams
  /// @throws dev.agentlab.errors.InvalidInputException if the provider cannot do what it asks for
  /// @throws RelayException if no answer came
  public RelayedStream stream(Target target, ModelRequest request, Cancellation cancellation) {
    WireRequest wire = target.provider().dialect().write(request);
    Health.Of known = health.of(target.key());
    return new Attempts(target, known, settings.streamTotal(), cancellation)
        .run((attempts, permit) ->
            switch (open(target, wire, cancellation)) {
              case UpstreamStream stream -> {
                StreamReader reader = target.provider().dialect().stream(request, clock.instant());
                EventRelay events = relay(reader, target, permit);
                stream.body().subscribe(events);
                awaitBeginning(events, cancellation);
                yield new RelayedStream(events, wire.warnings(), attempts);
              }
              case UpstreamResponse response -> {
                byte[] completion = read(response, request, target.provider());
                EventRelay events = relay(CompletionEvents.reader(request), target, permit);
                events.onNext(CompletionEvents.of(request, completion));
                events.onComplete();
                List<String> warnings = new ArrayList<>(wire.warnings());
                warnings.add("The provider gave the answer whole instead of streaming it.");
                yield new RelayedStream(events, warnings, attempts);
              }
            });
  }

  private Transport.Opened open(Target target, WireRequest wire, Cancellation cancellation) {
    LlmProvider provider = target.provider();
    try {
      return transport(provider)
          .open(upstream(provider, wire), stream(target.policy()), cancellation);
    } catch (UpstreamException e) {
      throw new FailedAttempt(Failure.of(e, target.policy()));
    }
  }

  private static EventRelay relay(StreamReader reader, Target target, Permit permit) {
    return new EventRelay(
        reader,
        new EventRelay.Voice(
            fault -> Failure.of(fault, target.provider()),
            e -> Failure.of(e, target.policy()),
            ErrorEvent::of,
            failure -> failure.ifPresentOrElse(it -> it.report(permit), permit::succeeded)));
  }

  private void awaitBeginning(EventRelay relay, Cancellation cancellation) {
    CompletableFuture<Optional<Failure>> begun = relay.begun();
    Runnable forget =
        cancellation.onCancel(() -> {
          begun.complete(Optional.of(Failure.cancelled()));
          relay.cancel();
        });
    try {
      begun.get(settings.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      begun.complete(Optional.empty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      relay.cancel();
      begun.complete(Optional.of(Failure.cancelled()));
    } catch (ExecutionException e) {
      throw new AssertionError("never fails", e);
    } finally {
      forget.run();
    }
    Optional<Failure> failure = begun.join();
    if (failure.isPresent()) {
      throw new FailedAttempt(failure.get());
    }
  }

  private Transport transport(LlmProvider provider) {
    return provider.transport().orElse(network);
  }

  private static UpstreamRequest upstream(LlmProvider provider, WireRequest wire) {
    URI url = provider.url(wire.path());
    return UpstreamRequest.post(
        url, provider.proof("POST", url, wire.body()), wire.headers(), wire.body());
  }

  private UpstreamLimits whole(CallPolicy policy) {
    Duration timeout = policy.timeout();
    return new UpstreamLimits(
        settings.resolve(),
        policy.connectTimeout(),
        timeout,
        timeout,
        timeout,
        settings.answerBytes(),
        policy.connections());
  }

  private UpstreamLimits stream(CallPolicy policy) {
    return new UpstreamLimits(
        settings.resolve(),
        policy.connectTimeout(),
        policy.timeout(),
        settings.streamIdle(),
        settings.streamTotal(),
        settings.answerBytes(),
        policy.connections());
  }
}
