package dev.agentlab.llm;

import dev.agentlab.json.Json;
import dev.agentlab.secrets.Secret;
import dev.agentlab.upstream.Timings;
import dev.agentlab.upstream.UpstreamClient;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// One call to a provider for the list of its models, the cheapest call that shows whether it
/// works.
final class ModelsCall {
  private static final int MOST_MODELS = 2_000;
  private static final int LONGEST_ID = 300;

  /// What came of it.
  sealed interface Outcome {
    Timings timings();

    record Listed(List<Model> models, Timings timings) implements Outcome {}

    record Failed(Failure failure, Timings timings) implements Outcome {}
  }

  private ModelsCall() {}

  /// @throws UpstreamException only if the waiting thread was interrupted
  static Outcome to(LlmProvider provider, UpstreamClient client) {
    Map<String, Secret> headers =
        provider
            .credential()
            .map(credential -> Map.of(credential.header(), credential.value()))
            .orElse(Map.of());
    try {
      UpstreamResponse response = client.get(provider.models(), headers);
      return judged(provider, response);
    } catch (UpstreamException e) {
      if (e.kind() == UpstreamException.Kind.CANCELLED) {
        throw e;
      }
      return new Outcome.Failed(Failure.of(e, provider), e.timings());
    }
  }

  private static Outcome judged(LlmProvider provider, UpstreamResponse response) {
    if (response.status() != 200) {
      return new Outcome.Failed(Failure.of(response, provider), response.timings());
    }
    return listed(response.body())
        .<Outcome>map(list -> new Outcome.Listed(models(list, provider), response.timings()))
        .orElseGet(
            () -> new Outcome.Failed(Failure.noList(response, provider), response.timings()));
  }

  /// The `data` of OpenAI's list (https://platform.openai.com/docs/api-reference/models/list).
  /// Ollama without a model sends `null` there.
  private static Optional<JsonNode> listed(String body) {
    try {
      JsonNode data = Json.MAPPER.readTree(body).path("data");
      return Optional.of(data).filter(it -> it.isArray() || it.isNull());
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private static List<Model> models(JsonNode data, LlmProvider provider) {
    return data.valueStream()
        .map(model -> model.path("id").stringValue(""))
        .filter(id -> !id.isBlank() && id.length() <= LONGEST_ID && Checks.text(id).isEmpty())
        .filter(Checks::isStorable)
        .filter(id -> !UpstreamText.holdsSecret(id, provider))
        .distinct()
        .limit(MOST_MODELS)
        .map(Model::new)
        .toList();
  }
}
