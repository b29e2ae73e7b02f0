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
import dev.agentlab.jsonschema.SchemaChecks;
import dev.agentlab.kinds.LlmProvider;
import dev.agentlab.kinds.ProviderKinds;
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

/// Runs agents: finds out what an agent is at the moment, or was at a revision, and calls its
/// model. Safe for all threads.
///
/// A run sees every change made in this process before it began, and every change made elsewhere a
/// second before.
///
/// Every method throws what [Agents#resolved] throws, [AgentException.ProviderGone] if the revision
/// follows a provider that has been deleted, [dev.agentlab.errors.InvalidInputException] if the
/// agent cannot do what is asked, and [dev.agentlab.modelclient.ModelCallException] if its provider
/// does not answer.
public final class AgentRuns {
  private final RunnableAgents agents;
  private final ModelClient relay;
  private final SchemaChecks schemaChecks;

  /// @param changes tell when what is remembered of an agent or its provider no longer holds
  public AgentRuns(
      Agents agents,
      ProviderLookup providers,
      ChangeFeed changes,
      ProviderKinds kinds,
      ModelClient relay,
      SchemaChecks schemaChecks) {
    this.agents = new RunnableAgents(agents, providers, changes, kinds);
    this.relay = relay;
    this.schemaChecks = schemaChecks;
  }

  /// A run that is about to call a model: what it took the agent for.
  ///
  /// @param provider the registered provider's name, else its kind's
  public record Run<T>(String provider, String model, long revision, T result) {}

  /// One agent with its provider, resolved for one run.
  private record Ready(ResolvedAgent agent, Target target, ModelRequestBuilder requests) {
    <T> Run<T> ran(T result) {
      return new Run<>(target.name(), agent.config().model().name(), agent.revision(), result);
    }
  }

  /// Has an agent say something.
  ///
  /// @throws StructuredAnswerException if the answer does not satisfy the schema asked for
  /// @throws dev.agentlab.jsonschema.SchemaCheckException if that could not be found out
  public Run<ModelResponse> chat(
      UUID id, Optional<Long> revision, ChatInput command, CallContext context) {
    Ready ready = ready(id, revision, command);
    ModelRequest request = ready.requests().chat(command);
    ModelResponse answer =
        command.jsonSchema().isEmpty()
            ? relay.answer(ready.target(), request, context)
            : structured(ready.target(), request, command, context);
    return ready.ran(answer);
  }

  /// Has an agent say something, as it says it.
  public Run<ModelStream> chatStream(
      UUID id, Optional<Long> revision, ChatStreamInput command, CallContext context) {
    if (command.members().containsKey("json_schema")) {
      throw new InvalidInputException(
          "json_schema",
          "can only be held to for a whole answer; to stream one unchecked, set"
              + " options.response_format");
    }
    Ready ready = ready(id, revision, command);
    return streamed(ready, ready.requests().chatStream(command), context);
  }

  /// Asks an agent about images.
  public Run<ModelResponse> vision(
      UUID id, Optional<Long> revision, VisionInput command, CallContext context) {
    Ready ready = ready(id, revision, command);
    return answered(ready, ready.requests().vision(command, false), context);
  }

  /// Asks an agent about images, and hears the answer as it comes.
  public Run<ModelStream> visionStream(
      UUID id, Optional<Long> revision, VisionInput command, CallContext context) {
    Ready ready = ready(id, revision, command);
    return streamed(ready, ready.requests().vision(command, true), context);
  }

  /// Has an agent say something or call functions.
  public Run<ModelResponse> tools(
      UUID id, Optional<Long> revision, ToolsInput command, CallContext context) {
    Ready ready = ready(id, revision, command);
    return answered(ready, ready.requests().tools(command), context);
  }

  /// Has an agent turn texts into vectors.
  public Run<ModelResponse> embed(
      UUID id, Optional<Long> revision, EmbedInput command, CallContext context) {
    Ready ready = ready(id, revision, command);
    return answered(ready, ready.requests().embed(command), context);
  }

  private Run<ModelResponse> answered(Ready ready, ModelRequest request, CallContext context) {
    return ready.ran(relay.answer(ready.target(), request, context));
  }

  private Run<ModelStream> streamed(Ready ready, ModelRequest request, CallContext context) {
    return ready.ran(relay.stream(ready.target(), request, context));
  }

  /// An answer of a schema. One that is not may be sent back once, with what is wrong with it.
  private ModelResponse structured(
      Target target, ModelRequest request, ChatInput command, CallContext context) {
    StructuredOutput expected =
        new StructuredOutput(
            command.jsonSchema().orElseThrow(), schemaChecks, context.cancellation());
    ModelResponse first = relay.answer(target, request, context);
    JsonNode said = ProviderJson.MAPPER.readTree(first.json());
    Optional<String> faults = expected.faults(said);
    if (faults.isEmpty()) {
      return first;
    }
    if (!command.repair().orElse(false)) {
      throw new StructuredOutputException(faults.get());
    }
    ModelResponse second = relay.answer(target, corrected(request, said, faults.get()), context);
    Optional<String> left = expected.faults(ProviderJson.MAPPER.readTree(second.json()));
    if (left.isPresent()) {
      throw new StructuredOutputException(left.get());
    }
    return second;
  }

  private static ModelRequest corrected(ModelRequest request, JsonNode said, String faults) {
    ObjectNode body = request.body().deepCopy();
    ArrayNode messages = body.withArrayProperty("messages");
    messages.addObject().put("role", "assistant").put("content", StructuredOutput.content(said));
    messages
        .addObject()
        .put("role", "user")
        .put(
            "content",
            "That does not satisfy the JSON Schema: %s. Answer again with JSON that does, and"
                    .formatted(faults)
                + " nothing else.");
    return ModelRequest.of(Operation.CHAT, body);
  }

  private Ready ready(UUID id, Optional<Long> revision, RunInput command) {
    RunnableAgents.RunnableAgent found = agents.find(id, revision);
    ResolvedAgent agent = found.agent();
    CallTarget callee = found.callee();
    LlmProvider provider = callee.provider(command.token().filter(token -> !token.isEmpty()));
    return new Ready(
        agent,
        new Target(callee.name(), callee.key(), provider, policy(agent.config().client())),
        new ModelRequestBuilder(agent.config(), provider.kind()));
  }

  private static CallPolicy policy(ClientSettings client) {
    ClientSettings.Retry retry = client.retry();
    return new CallPolicy(
        client.timeout(),
        client.connectionTimeout(),
        client.connectionPoolSize(),
        new CallPolicy.Retries(
            retry.maxRetries(),
            retry.initialBackoff(),
            retry.maxBackoff(),
            retry.backoffMultiplier(),
            retry.jitter()));
  }
}
