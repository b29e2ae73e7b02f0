package dev.agentlab.gateway;

import dev.agentlab.errors.Excerpt;

/// Thrown if a request of a client cannot be served; each subclass is one cause.
abstract sealed class GatewayException extends RuntimeException {
  private GatewayException(String message) {
    super(message, null, false, false);
  }

  /// No model has the name, or the caller may not use it. Both give the same message, so that a
  /// caller cannot find out names.
  static final class ModelNotFound extends GatewayException {
    /// @param hint names that the caller may use; a sentence, or empty
    ModelNotFound(String model, String hint) {
      super(
          "The model `%s` does not exist or you do not have access to it.%s"
              .formatted(Excerpt.of(model), hint.isEmpty() ? "" : " " + hint));
    }
  }

  /// No provider has the name, or the caller may not use its API. Both give the same message, so
  /// that a caller cannot find out names.
  static final class ProviderNotFound extends GatewayException {
    ProviderNotFound(String provider) {
      super(
          "The provider `%s` does not exist or you do not have access to its API."
              .formatted(Excerpt.of(provider)));
    }
  }

  /// The caller has no response with the id, or it has expired. Both give the same message, so that a
  /// caller cannot find out ids.
  static final class ResponseNotFound extends GatewayException {
    ResponseNotFound(String id) {
      super("Response with id '%s' not found.".formatted(Excerpt.of(id)));
    }
  }

  /// The client wants to use a WebSocket.
  static final class UpgradeRefused extends GatewayException {
    UpgradeRefused() {
      super("WebSockets are not supported: send the request with POST.");
    }
  }

  /// The request administers the account of a provider.
  static final class AdministrationRefused extends GatewayException {
    /// @param document describes the API
    AdministrationRefused(String path, String document) {
      super(
          "The path `%s` is refused: it administers the provider's account (%s)."
              .formatted(Excerpt.of(path), document));
    }
  }

  /// The body of a request that has to be signed is too large for memory.
  static final class SignedBodyTooLarge extends GatewayException {
    SignedBodyTooLarge(int maxBytes) {
      super(
          "The body must have at most %d bytes, the value of gateway.max_body_size, because the"
                  .formatted(maxBytes)
              + " provider requires a signature of it.");
    }
  }
}
