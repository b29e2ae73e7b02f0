package dev.agentlab.gateway;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.http.BodyStream;
import dev.agentlab.memory.MemoryBudget;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// A form with a field `model` that passes on as it arrives, with another model. What precedes the
/// field is held back. Confined to the event loop of the request.
final class ModelForm
    implements Flow.Publisher<byte[]>, Flow.Subscriber<byte[]>, Flow.Subscription, AutoCloseable {
  private static final int MAX_BOUNDARY_LENGTH = 70;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final MultipartScanner scanner;

  /// The reservation for the bytes that are held back.
  private final MemoryBudget.Reservation memory;

  private final CompletableFuture<String> model = new CompletableFuture<>();
  private OptionalLong length;
  private Flow.@Nullable Subscription subscription;
  private Flow.@Nullable Subscriber<? super byte[]> subscriber;

  /// Number of parts that the subscriber has requested and not received.
  private long demand;

  /// Whether a part of the source is requested and has not arrived.
  private boolean requested;

  private boolean sourceEnded;
  private @Nullable Throwable failure;

  /// Whether the subscriber receives no more signals.
  private boolean terminated;

  private ModelForm(OptionalLong length, String boundary, MemoryBudget.Reservation memory) {
    this.length = length;
    this.scanner = new MultipartScanner(boundary);
    this.memory = memory;
  }

  /// Starts to receive a form.
  ///
  /// @param contentType of the request
  /// @throws InvalidInputException if it is not that of a form
  static ModelForm receive(BodyStream source, String contentType, MemoryBudget memory) {
    ModelForm form = new ModelForm(source.length(), boundary(contentType), memory.open());
    source.subscribe(form);
    return form;
  }

  private static String boundary(String contentType) {
    try {
      HeaderParameters type = HeaderParameters.parse(contentType);
      String boundary = type.parameters().getOrDefault("boundary", "");
      if (type.value().equals("multipart/form-data")
          && !boundary.isEmpty()
          && boundary.length() <= MAX_BOUNDARY_LENGTH
          && boundary.chars().allMatch(c -> c >= ' ' && c <= '~')) {
        return boundary;
      }
    } catch (IllegalArgumentException e) {
      // Reported below.
    }
    throw new InvalidInputException(
        "Content-Type",
        "must be multipart/form-data with a boundary, which HTTP clients set themselves");
  }

  /// The value of the field `model`; fails if the form is invalid, or with the failure of its
  /// source.
  CompletableFuture<String> model() {
    return model;
  }

  /// Replaces the value of the field. The form can then be subscribed to.
  void setModel(String name) {
    int growth = scanner.replaceModel(name);
    length = length.isPresent() ? OptionalLong.of(length.getAsLong() + growth) : length;
  }

  /// The number of bytes; empty if it is not known.
  OptionalLong length() {
    return length;
  }

  /// Why the form could not be passed on completely; null if it could, or for another reason.
  @Nullable Throwable failure() {
    return failure;
  }

  @Override
  public void close() {
    memory.close();
  }

  @Override
  public void onSubscribe(Flow.Subscription newSubscription) {
    subscription = newSubscription;
    requestPart();
  }

  private void requestPart() {
    Flow.Subscription from = subscription;
    if (!requested && !sourceEnded && from != null) {
      requested = true;
      from.request(1);
    }
  }

  @Override
  public void onNext(byte[] part) {
    requested = false;
    if (failure != null) {
      return;
    }
    try {
      // The scanner copies the part to a buffer that it doubles.
      if (!model.isDone() && !memory.tryGrow(2L * part.length)) {
        throw new UnavailableException("the service has no memory left for the form", RETRY_AFTER);
      }
      scanner.add(part);
    } catch (InvalidInputException | UnavailableException e) {
      fail(e);
      return;
    }
    if (model.isDone()) {
      drain();
    } else if (scanner.model().isPresent()) {
      model.complete(scanner.model().get());
    } else {
      requestPart();
    }
  }

  @Override
  public void onError(Throwable thrown) {
    requested = false;
    fail(thrown);
  }

  @Override
  public void onComplete() {
    requested = false;
    sourceEnded = true;
    if (failure != null) {
      return;
    }
    try {
      scanner.requireEnd();
    } catch (InvalidInputException e) {
      fail(e);
      return;
    }
    if (subscriber != null) {
      drain();
    }
  }

  private void fail(Throwable thrown) {
    if (failure != null || terminated) {
      return;
    }
    failure = thrown;
    Flow.Subscription from = subscription;
    if (from != null && !sourceEnded) {
      from.cancel();
    }
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (!model.completeExceptionally(thrown) && to != null) {
      terminated = true;
      to.onError(thrown);
    }
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> newSubscriber) {
    subscriber = newSubscriber;
    newSubscriber.onSubscribe(this);
    Throwable early = failure;
    if (early != null && !terminated) {
      terminated = true;
      newSubscriber.onError(early);
    }
  }

  @Override
  public void request(long parts) {
    demand += parts;
    drain();
  }

  @Override
  public void cancel() {
    terminated = true;
    Flow.Subscription from = subscription;
    if (from != null) {
      from.cancel();
    }
  }

  private void drain() {
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (terminated || to == null || failure != null) {
      return;
    }
    if (demand > 0) {
      byte[] part = scanner.take();
      memory.close();
      if (part.length > 0) {
        demand--;
        to.onNext(part);
      }
    }
    if (terminated) {
      return;
    }
    if (sourceEnded && scanner.isTaken()) {
      terminated = true;
      to.onComplete();
    } else if (demand > 0) {
      requestPart();
    }
  }
}
