package dev.agentlab.agents.run;

import dev.agentlab.agents.Agents;
import dev.agentlab.agents.ProviderLookup;
import dev.agentlab.agents.ResolvedAgent;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.jsonschema.SchemaValidator;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.modelclient.CallContext;
import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.CallSource;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.ModelClient;
import dev.agentlab.modelclient.ModelResponse;
import dev.agentlab.modelclient.ModelResult;
import dev.agentlab.modelclient.ModelStream;
import dev.agentlab.secrets.Secret;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/// Runs agents: resolves an agent at its latest or a given revision, and calls its model.
/// Thread-safe.
///
/// A run sees every change that this process made before the run started, and every change that
/// another process made at least a second before.
///
/// No method blocks an event loop; each may block another thread. The result is completed on the
/// event loop of the context. It fails, or the method throws, with the exceptions of
/// [Agents#resolve], [AgentException.NotFound] if no agent has the name,
/// [AgentException.ProviderGone] if the registered provider of the revision has been deleted,
/// [InvalidInputException] if the agent cannot serve the request, and
/// [dev.agentlab.modelclient.ModelCallException] if the model call fails.
public final class AgentRuns {
  private final RunnableAgents agents;
  private final ModelClient modelClient;
  private final SchemaValidator schemaValidator;

  /// @param changes invalidates cached agents
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

  /// The agents as models that clients call by name.
  public AgentModels models() {
    return new AgentModels(agents);
  }

  /// A run of an agent at a revision, and its result.
  public record Run<T extends ModelResult>(long revision, T result) {}

  /// An agent, its provider and its request, for one run.
  private record PreparedRun(
      ResolvedAgent agent, CallTarget target, ModelRequest request, CallContext context) {
    CallPlan plan() {
      return CallPlan.of(target);
    }

    <T extends ModelResult> Run<T> toRun(T result) {
      return new Run<>(agent.revision(), result);
    }
  }

  /// Creates a chat completion.
  ///
  /// Fails with a [StructuredOutputException] if the response does not satisfy the requested
  /// schema, and with a [dev.agentlab.jsonschema.SchemaValidationException] if the schema could not
  /// be evaluated.
  public CompletableFuture<Run<ModelResponse>> chat(
      IdOrName id, Optional<Long> revision, ChatInput input, CallContext context) {
    return prepare(id, revision, input, context, ModelRequestBuilder::chat)
        .thenCompose(prepared ->
            input.jsonSchema().isEmpty()
                ? complete(prepared)
                : blocking(context, () -> completeStructured(prepared, input)));
  }

  private Run<ModelResponse> completeStructured(PreparedRun prepared, ChatInput input) {
    CallContext context = prepared.context();
    StructuredOutput output =
        new StructuredOutput(
            input.jsonSchema().orElseThrow(), schemaValidator, context.cancellation());
    return prepared.toRun(
        output.complete(
            prepared.request(),
            input.repair().orElse(false),
            request -> Completions.join(modelClient.complete(prepared.plan(), request, context))));
  }

  /// Streams a chat completion.
  public CompletableFuture<Run<ModelStream>> streamChat(
      IdOrName id, Optional<Long> revision, ChatStreamInput input, CallContext context) {
    if (input.members().containsKey("json_schema")) {
      throw new InvalidInputException(
          "json_schema",
          "is accepted only for non-streaming responses; to stream without validation, set"
              + " options.response_format");
    }
    return prepare(id, revision, input, context, ModelRequestBuilder::streamChat)
        .thenCompose(this::stream);
  }

  /// Creates a chat completion with images.
  public CompletableFuture<Run<ModelResponse>> vision(
      IdOrName id, Optional<Long> revision, VisionInput input, CallContext context) {
    return prepare(id, revision, input, context, (builder, given) -> builder.vision(given, false))
        .thenCompose(this::complete);
  }

  /// Streams a chat completion with images.
  public CompletableFuture<Run<ModelStream>> streamVision(
      IdOrName id, Optional<Long> revision, VisionInput input, CallContext context) {
    return prepare(id, revision, input, context, (builder, given) -> builder.vision(given, true))
        .thenCompose(this::stream);
  }

  /// Creates a chat completion with tools.
  public CompletableFuture<Run<ModelResponse>> tools(
      IdOrName id, Optional<Long> revision, ToolsInput input, CallContext context) {
    return prepare(id, revision, input, context, ModelRequestBuilder::tools)
        .thenCompose(this::complete);
  }

  /// Creates embeddings.
  public CompletableFuture<Run<ModelResponse>> embed(
      IdOrName id, Optional<Long> revision, EmbedInput input, CallContext context) {
    return prepare(id, revision, input, context, ModelRequestBuilder::embed)
        .thenCompose(this::complete);
  }

  private CompletableFuture<Run<ModelResponse>> complete(PreparedRun prepared) {
    return modelClient
        .complete(prepared.plan(), prepared.request(), prepared.context())
        .thenApply(prepared::toRun);
  }

  private CompletableFuture<Run<ModelStream>> stream(PreparedRun prepared) {
    return modelClient.stream(prepared.plan(), prepared.request(), prepared.context())
        .thenApply(prepared::toRun);
  }

  private <I extends RunInput> CompletableFuture<PreparedRun> prepare(
      IdOrName id,
      Optional<Long> revision,
      I input,
      CallContext context,
      BiFunction<ModelRequestBuilder, I, ModelRequest> build) {
    Optional<Secret> token = input.token().filter(it -> !it.isEmpty());
    // For another key than its own, the provider is built anew, which may take long.
    Optional<RunnableAgents.RunnableAgent> cached =
        token.isPresent() ? Optional.empty() : agents.findCached(id, revision);
    Function<RunnableAgents.RunnableAgent, PreparedRun> prepare =
        found -> prepare(found, token, context, builder -> build.apply(builder, input));
    return cached
        .map(found -> CompletableFuture.completedFuture(prepare.apply(found)))
        .orElseGet(() -> blocking(context, () -> prepare.apply(agents.find(id, revision))));
  }

  private static PreparedRun prepare(
      RunnableAgents.RunnableAgent found,
      Optional<Secret> token,
      CallContext context,
      Function<ModelRequestBuilder, ModelRequest> build) {
    ResolvedAgent agent = found.agent();
    CallTarget target = target(found, token);
    ModelRequestBuilder builder = new ModelRequestBuilder(agent.config(), target.callable().kind());
    return new PreparedRun(
        agent,
        target,
        build.apply(builder),
        context.forAgent(new CallSource.CalledAgent(agent.id(), agent.name(), agent.revision())));
  }

  static CallTarget target(RunnableAgents.RunnableAgent found, Optional<Secret> token) {
    ResolvedProvider provider = found.provider();
    CallableProvider callable = token.map(provider::callableWithKey).orElseGet(provider::callable);
    return new CallTarget(
        provider.id(),
        provider.name(),
        token.map(it -> provider.key() + " " + it.fingerprint()).orElse(provider.key()),
        callable,
        found.agent().config().model().name(),
        found.agent().config().client());
  }

  /// Runs a computation that blocks: on a virtual thread, unless the calling thread may block.
  private static <T> CompletableFuture<T> blocking(CallContext context, Supplier<T> computation) {
    return context.loop().isCurrent()
        ? context.loop().offload(computation)
        : CompletableFuture.completedFuture(computation.get());
  }
}
