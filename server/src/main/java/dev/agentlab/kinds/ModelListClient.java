package dev.agentlab.kinds;

import dev.agentlab.json.Json;
import dev.agentlab.upstream.CallTimings;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Requests the list of models of a provider. This is the cheapest request that shows whether a
/// provider works.
public final class ModelListClient {
  /// The outcome of a request.
  public sealed interface Outcome {
    CallTimings timings();

    record Listed(List<Model> models, CallTimings timings) implements Outcome {}

    record Failed(Diagnosis diagnosis, CallTimings timings) implements Outcome {}
  }

  private ModelListClient() {}

  /// Requests the list. Blocks.
  ///
  /// @throws UpstreamException only if the waiting thread was interrupted
  public static Outcome fetch(CallableProvider provider, Transport network, UpstreamLimits limits) {
    ModelListEndpoint endpoint = provider.modelListEndpoint();
    UpstreamRequest request =
        UpstreamRequest.get(
                endpoint.url(),
                provider.authenticationHeaders("GET", endpoint.url(), new byte[0]),
                endpoint.headers())
            .withNetwork(provider.network());
    try {
      UpstreamResponse response =
          provider.transport().orElse(network).send(request, limits, new Cancellation());
      return toOutcome(provider, response);
    } catch (UpstreamException e) {
      if (e.kind() == UpstreamException.Kind.CANCELLED) {
        throw e;
      }
      return new Outcome.Failed(Diagnosis.of(e, provider), e.timings());
    }
  }

  private static Outcome toOutcome(CallableProvider provider, UpstreamResponse response) {
    if (response.status() != 200) {
      return new Outcome.Failed(Diagnosis.of(response, provider), response.timings());
    }
    return readList(response.text(), provider.modelListEndpoint())
        .<Outcome>map(
            list -> new Outcome.Listed(new ModelReader(provider).read(list), response.timings()))
        .orElseGet(() ->
            new Outcome.Failed(Diagnosis.ofMissingList(response, provider), response.timings()));
  }

  // Ollama without models sends `null` instead of a list.
  private static Optional<JsonNode> readList(String body, ModelListEndpoint endpoint) {
    try {
      JsonNode data = Json.MAPPER.readTree(body).path(endpoint.listMember());
      return Optional.of(data).filter(it -> it.isArray() || it.isNull());
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
