package dev.agentlab.agents.run;

import dev.agentlab.agents.Agents;
import dev.agentlab.agents.ClientSettings;
import dev.agentlab.agents.ProviderLookup;
import dev.agentlab.agents.ResolvedAgent;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.jsonschema.SchemaValidator;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.modelclient.CallContext;
import dev.agentlab.modelclient.CallPolicy;
import dev.agentlab.modelclient.ModelClient;
import dev.agentlab.modelclient.ModelResponse;
import dev.agentlab.modelclient.ModelStream;
import dev.agentlab.modelclient.Target;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Runs agents: resolves an agent at its latest or a given revision, and calls its model.
/// Thread-safe.
///
/// A run sees every change that this process made before the run started, and every change that
/// another process made at least a second before.
///
/// Every method throws the exceptions of [Agents#resolve], [AgentException.ProviderGone] if the
/// registered provider of the revision has been deleted,
/// [dev.agentlab.errors.InvalidInputException] if the agent cannot serve the request, and
/// [dev.agentlab.modelclient.ModelCallException] if the model call fails.
public final class AgentRuns {
  private final RunnableAgents agents;
  private final ModelClient modelClient;
  private final SchemaValidator schemaValidator;

  /// @param changes invalidates cached agents and providers
  public AgentRuns(
      Agents agents,
      ProviderLookup providers,
      ChangeFeed changes,
      ProviderKinds kinds,
      ModelClient modelClient,
      SchemaValidator schemaValidator) {
    this.agents = new RunnableAgents(agents, providers, changes, kinds);
    this.modelClient = modelClient;
    this.schemaValidator = schemaValidator;
  }

  /// A run and its result.
  ///
  /// @param provider the name of the registered provider, or the kind of the inline provider
  public record Run<T>(String provider, String model, long revision, T result) {}

  /// An agent and its provider, resolved for one run.
  private record PreparedRun(
      ResolvedAgent agent, Target target, ModelRequestBuilder requestBuilder) {
    <T> Run<T> toRun(T result) {
      return new Run<>(target.name(), agent.config().model().name(), agent.revision(), result);
    }
  }

  /// Creates a chat completion.
  ///
  /// @throws StructuredOutputException if the response does not satisfy the requested schema
  /// @throws dev.agentlab.jsonschema.SchemaValidationException if the schema could not be evaluated
  public Run<ModelResponse> chat(
      UUID id, Optional<Long> revision, ChatInput input, CallContext context) {
    PreparedRun prepared = prepare(id, revision, input);
    ModelRequest request = prepared.requestBuilder().chat(input);
    ModelResponse response =
        input.jsonSchema().isEmpty()
            ? modelClient.complete(prepared.target(), request, context)
            : completeStructured(prepared.target(), request, input, context);
    return prepared.toRun(response);
  }

  /// Streams a chat completion.
  public Run<ModelStream> streamChat(
      UUID id, Optional<Long> revision, ChatStreamInput input, CallContext context) {
    if (input.members().containsKey("json_schema")) {
      throw new InvalidInputException(
          "json_schema",
          "is accepted only for non-streaming responses; to stream without validation, set"
              + " options.response_format");
    }
    PreparedRun prepared = prepare(id, revision, input);
    return stream(prepared, prepared.requestBuilder().streamChat(input), context);
  }

  /// Creates a chat completion with images.
  public Run<ModelResponse> vision(
      UUID id, Optional<Long> revision, VisionInput input, CallContext context) {
    PreparedRun prepared = prepare(id, revision, input);
    return complete(prepared, prepared.requestBuilder().vision(input, false), context);
  }

  /// Streams a chat completion with images.
  public Run<ModelStream> streamVision(
      UUID id, Optional<Long> revision, VisionInput input, CallContext context) {
    PreparedRun prepared = prepare(id, revision, input);
    return stream(prepared, prepared.requestBuilder().vision(input, true), context);
  }

  /// Creates a chat completion with tools.
  public Run<ModelResponse> tools(
      UUID id, Optional<Long> revision, ToolsInput input, CallContext context) {
    PreparedRun prepared = prepare(id, revision, input);
    return complete(prepared, prepared.requestBuilder().tools(input), context);
  }

  /// Creates embeddings.
  public Run<ModelResponse> embed(
      UUID id, Optional<Long> revision, EmbedInput input, CallContext context) {
    PreparedRun prepared = prepare(id, revision, input);
    return complete(prepared, prepared.requestBuilder().embed(input), context);
  }

  private Run<ModelResponse> complete(
      PreparedRun prepared, ModelRequest request, CallContext context) {
    return prepared.toRun(modelClient.complete(prepared.target(), request, context));
  }

  private Run<ModelStream> stream(PreparedRun prepared, ModelRequest request, CallContext context) {
    return prepared.toRun(modelClient.stream(prepared.target(), request, context));
  }

  /// Creates a response that satisfies the schema. If repair is requested, a response that does not
  /// is sent back to the model once, with its errors.
  private ModelResponse completeStructured(
      Target target, ModelRequest request, ChatInput input, CallContext context) {
    StructuredOutput expected =
        new StructuredOutput(
            input.jsonSchema().orElseThrow(), schemaValidator, context.cancellation());
    ModelResponse first = modelClient.complete(target, request, context);
    JsonNode completion = ProviderJson.MAPPER.readTree(first.json());
    Optional<String> errors = expected.validate(completion);
    if (errors.isEmpty()) {
      return first;
    }
    if (!input.repair().orElse(false)) {
      throw new StructuredOutputException(errors.get());
    }
    ModelResponse second =
        modelClient.complete(target, repairRequest(request, completion, errors.get()), context);
    Optional<String> remaining = expected.validate(ProviderJson.MAPPER.readTree(second.json()));
    if (remaining.isPresent()) {
      throw new StructuredOutputException(remaining.get());
    }
    return second;
  }

  private static ModelRequest repairRequest(
      ModelRequest request, JsonNode completion, String errors) {
    ObjectNode body = request.body().deepCopy();
    ArrayNode messages = body.withArrayProperty("messages");
    messages
        .addObject()
        .put("role", "assistant")
        .put("content", StructuredOutput.content(completion));
    messages
        .addObject()
        .put("role", "user")
        .put(
            "content",
            "That does not satisfy the JSON Schema: %s. Answer again with JSON that does, and"
                    .formatted(errors)
                + " nothing else.");
    return ModelRequest.of(Operation.CHAT, body);
  }

  private PreparedRun prepare(UUID id, Optional<Long> revision, RunInput input) {
    RunnableAgents.RunnableAgent found = agents.find(id, revision);
    ResolvedAgent agent = found.agent();
    ResolvedProvider resolved = found.provider();
    CallableProvider provider =
        input
            .token()
            .filter(token -> !token.isEmpty())
            .map(resolved::callableWithKey)
            .orElseGet(resolved::callable);
    return new PreparedRun(
        agent,
        new Target(resolved.name(), resolved.key(), provider, callPolicy(agent.config().client())),
        new ModelRequestBuilder(agent.config(), provider.kind()));
  }

  private static CallPolicy callPolicy(ClientSettings client) {
    ClientSettings.RetrySettings retry = client.retry();
    return new CallPolicy(
        client.timeout(),
        client.connectionTimeout(),
        client.connectionPoolSize(),
        new CallPolicy.RetryPolicy(
            retry.maxRetries(),
            retry.initialBackoff(),
            retry.maxBackoff(),
            retry.backoffMultiplier(),
            retry.jitter()));
  }
}
