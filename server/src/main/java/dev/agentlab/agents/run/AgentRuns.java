package dev.agentlab.agents.run;

import dev.agentlab.agents.AgentException;
import dev.agentlab.agents.ProviderReference;
import dev.agentlab.agents.ResolvedAgent;
import dev.agentlab.agents.run.RunnableAgents.RunnableAgent;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.jsonschema.SchemaValidator;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.Capability;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.modelclient.CallContext;
import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.ModelClient;
import dev.agentlab.modelclient.ModelResponse;
import dev.agentlab.modelclient.ModelResult;
import dev.agentlab.modelclient.ModelStream;
import dev.agentlab.modelclient.PlanRequest;
import dev.agentlab.modelclient.RoutePlans;
import dev.agentlab.secrets.Secret;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
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
/// [AgentException.RouteGone] if its route has, [dev.agentlab.errors.UnavailableException] if no
/// target of its route can be called with its configuration, [InvalidInputException] if the agent
/// cannot serve the request, and [dev.agentlab.modelclient.ModelCallException] if the model call
/// fails.
public final class AgentRuns {
  private final AgentModels models;
  private final RunnableAgents agents;
  private final RoutePlans routes;
  private final ModelClient modelClient;
  private final SchemaValidator schemaValidator;

  /// @param models the agents
  /// @param routes the plans of the routes that they call
  public AgentRuns(
      AgentModels models,
      RoutePlans routes,
      ModelClient modelClient,
      SchemaValidator schemaValidator) {
    this.models = models;
    this.agents = models.agents();
    this.routes = routes;
    this.modelClient = modelClient;
    this.schemaValidator = schemaValidator;
  }

  /// The agents as models that clients call by name.
  public AgentModels models() {
    return models;
  }

  /// A run of an agent at a revision, the plan of its call, and its result.
  public record Run<T extends ModelResult>(long revision, CallPlan plan, T result) {}

  /// An agent, its targets and its request, for one run.
  private record PreparedRun(
      ResolvedAgent agent, CallPlan plan, ModelRequest request, CallContext context) {
    <T extends ModelResult> Run<T> toRun(T result) {
      return new Run<>(agent.revision(), plan, result);
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
    Function<ModelRequestBuilder, ModelRequest> built = builder -> build.apply(builder, input);
    // For another key than its own, the provider is built anew, which may take long.
    Optional<PreparedRun> cached =
        token.isPresent()
            ? Optional.empty()
            : agents
                .findCached(id, revision)
                .flatMap(found -> prepareCached(found, context, built));
    return cached
        .map(CompletableFuture::completedFuture)
        .orElseGet(() -> blocking(context, () -> prepare(id, revision, token, context, built)));
  }

  /// Prepares a run if the route of the agent is in memory, or it has none.
  private Optional<PreparedRun> prepareCached(
      RunnableAgent found, CallContext context, Function<ModelRequestBuilder, ModelRequest> build) {
    return switch (found.agent().config().provider()) {
      case ProviderReference.Route(UUID route) ->
          routes
              .planCached(route, planRequest(context))
              .map(plan -> prepareOver(plan, found, context, build));
      default -> Optional.of(prepareOwn(found, Optional.empty(), context, build));
    };
  }

  /// Prepares a run. Blocks.
  private PreparedRun prepare(
      IdOrName id,
      Optional<Long> revision,
      Optional<Secret> token,
      CallContext context,
      Function<ModelRequestBuilder, ModelRequest> build) {
    RunnableAgent found = agents.find(id, revision);
    try {
      return prepare(found, token, context, build);
    } catch (AgentException.RouteGone e) {
      if (revision.isPresent()) {
        throw e;
      }
      // The route was deleted after the agent had changed to another one.
      return prepare(agents.findUncached(found.agent().id()), token, context, build);
    }
  }

  private PreparedRun prepare(
      RunnableAgent found,
      Optional<Secret> token,
      CallContext context,
      Function<ModelRequestBuilder, ModelRequest> build) {
    if (!(found.agent().config().provider() instanceof ProviderReference.Route(UUID route))) {
      return prepareOwn(found, token, context, build);
    }
    if (token.isPresent()) {
      throw new InvalidInputException(
          "token", "must be absent: the targets of the agent's route have keys of their own");
    }
    CallPlan plan =
        routes
            .plan(route, planRequest(context))
            .orElseThrow(() -> new AgentException.RouteGone(found.agent().revision(), route));
    return prepareOver(plan, found, context, build);
  }

  private static PlanRequest planRequest(CallContext context) {
    return PlanRequest.of(context.source().labels()::session);
  }

  /// Prepares a run of an agent with a provider.
  private static PreparedRun prepareOwn(
      RunnableAgent found,
      Optional<Secret> token,
      CallContext context,
      Function<ModelRequestBuilder, ModelRequest> build) {
    ResolvedAgent agent = found.agent();
    CallTarget target = target(agent, found.provider().orElseThrow(), token);
    ModelRequestBuilder builder =
        new ModelRequestBuilder(
            agent.config(),
            capability -> ModelRequestBuilder.requireCapability(target, capability));
    return new PreparedRun(
        agent, CallPlan.of(target), build.apply(builder), context.forAgent(found.calledAgent()));
  }

  /// Prepares a run of an agent over a route. Targets without a capability that the request needs
  /// are skipped.
  private static PreparedRun prepareOver(
      CallPlan route,
      RunnableAgent found,
      CallContext context,
      Function<ModelRequestBuilder, ModelRequest> build) {
    ResolvedAgent agent = found.agent();
    Set<Capability> required = EnumSet.noneOf(Capability.class);
    ModelRequest request = build.apply(new ModelRequestBuilder(agent.config(), required::add));
    CallPlan plan =
        route.forAgent(
            found.calledAgent(),
            agent.config().client(),
            target ->
                prepared -> {
                  required.forEach(it -> ModelRequestBuilder.requireCapability(target, it));
                  return prepared;
                });
    return new PreparedRun(agent, plan, request, context.forAgent(found.calledAgent()));
  }

  static CallTarget target(ResolvedAgent agent, ResolvedProvider provider, Optional<Secret> token) {
    CallableProvider callable = token.map(provider::callableWithKey).orElseGet(provider::callable);
    return new CallTarget(
        provider.id(),
        provider.name(),
        token.map(it -> provider.key() + " " + it.fingerprint()).orElse(provider.key()),
        callable,
        agent.config().model().name(),
        agent.config().client());
  }

  /// Runs a computation that blocks: on a virtual thread, unless the calling thread may block.
  private static <T> CompletableFuture<T> blocking(CallContext context, Supplier<T> computation) {
    return context.loop().isCurrent()
        ? context.loop().offload(computation)
        : CompletableFuture.completedFuture(computation.get());
  }
}
