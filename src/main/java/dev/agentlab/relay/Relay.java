package dev.agentlab.relay;

import dev.agentlab.llm.LlmProvider;
import dev.agentlab.memory.JsonFootprint;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.relay.CircuitBreaker.Permit;
import dev.agentlab.upstream.Cancellation;
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
  private final MemoryBudget memory;

  /// @param memory for responses while they are read and while they wait for their reader
  public Relay(
      Transport network, RelaySettings settings, InstantSource clock, MemoryBudget memory) {
    this(network, settings, clock, System::nanoTime, memory);
  }

  /// @param nanoTime measures how long circuit breakers stay open
  Relay(
      Transport network,
      RelaySettings settings,
      InstantSource clock,
      LongSupplier nanoTime,
      MemoryBudget memory) {
    this.network = network;
    this.settings = settings;
    this.clock = clock;
    this.health = new Health(() -> new CircuitBreaker(nanoTime, clock));
    this.memory = memory;
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
    long footprint = JsonFootprint.of(bytes);
    try (MemoryBudget.Reservation reading = memory.open()) {
      if (reading.exceedsBudget(footprint)) {
        throw new FailedAttempt(Failure.tooLarge());
      }
      if (!reading.tryGrow(footprint)) {
        throw new FailedAttempt(Failure.noMemory());
      }
      return provider.dialect().answer(request, bytes, clock.instant()).json();
    } catch (ProviderFault e) {
      throw new FailedAttempt(Failure.of(e, provider));
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
                MemoryBudget.Reservation held = memory.open();
                StreamReader reader =
                    target.provider().dialect().stream(
                        request.expectedStream(), clock.instant(), held);
                EventRelay events = relay(reader, held, target, permit);
                stream.body().subscribe(events);
                awaitBeginning(events, cancellation);
                yield new RelayedStream(events, wire.warnings(), attempts);
              }
              case UpstreamResponse response -> {
                byte[] completion = read(response, request, target.provider());
                byte[] converted = events(request, completion, target.provider());
                MemoryBudget.Reservation held = memory.open();
                EventRelay events =
                    relay(
                        CompletionEvents.reader(request.expectedStream(), held),
                        held,
                        target,
                        permit);
                events.onNext(converted);
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

  private byte[] events(ModelRequest request, byte[] completion, LlmProvider provider) {
    try (MemoryBudget.Reservation reading = memory.open()) {
      return CompletionEvents.of(request, completion, reading);
    } catch (ProviderFault e) {
      throw new FailedAttempt(Failure.of(e, provider));
    }
  }

  private static EventRelay relay(
      StreamReader reader, MemoryBudget.Reservation held, Target target, Permit permit) {
    return new EventRelay(
        reader,
        held,
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
