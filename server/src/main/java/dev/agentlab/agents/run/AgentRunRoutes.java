package dev.agentlab.agents.run;

import static dev.agentlab.agents.AgentRoutes.PROVIDER_GONE;
import static dev.agentlab.agents.AgentRoutes.ROUTE_GONE;
import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.NOT_FOUND;
import static dev.agentlab.http.ProblemType.PROVIDER_SUSPENDED;
import static dev.agentlab.http.ProblemType.UNAVAILABLE;
import static dev.agentlab.http.ProblemType.UPSTREAM_FAILED;
import static dev.agentlab.security.Scope.INVOKE;

import dev.agentlab.agents.AgentRoutes;
import dev.agentlab.agents.Agents;
import dev.agentlab.agents.run.AgentRuns.Run;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.http.Form;
import dev.agentlab.http.Param;
import dev.agentlab.http.Problem;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.jsonschema.SchemaValidationException;
import dev.agentlab.modelclient.CallContext;
import dev.agentlab.modelclient.ErrorEvent;
import dev.agentlab.modelclient.ModelCallException;
import dev.agentlab.modelclient.ModelResponse;
import dev.agentlab.modelclient.ModelStream;
import dev.agentlab.modelclient.ProviderError;
import dev.agentlab.modelclient.routes.CallContexts;
import dev.agentlab.modelclient.routes.ResultHeaders;
import dev.agentlab.secrets.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The HTTP routes that run agents. A model call is cancelled when its client disconnects or the
/// caller's credential expires or is revoked.
public final class AgentRunRoutes {
  private static final int MAX_JSON_BODY_BYTES = 16 << 20;
  private static final int MAX_FORM_BYTES = 32 << 20;
  private static final int MAX_IMAGES = 16;

  /// The format of messages and responses is that of OpenAI's chat completions.
  private static final String CLIENT_DIALECT = "openai";

  private static final Duration BUSY_RETRY_AFTER = Duration.ofSeconds(2);

  private static final Param<IdOrName> ID = Param.idOrName("The agent's id or name.");
  private static final Param<Long> REVISION =
      Param.queryInteger("revision", "The revision to run. Default: the latest.");

  private static final ProblemType ANSWER_UNCHECKED =
      new ProblemType("answer-unchecked", 422, "Model response cannot be validated");
  private static final ProblemType ANSWER_INVALID =
      new ProblemType("answer-invalid", 502, "Invalid model response");
  private static final ProblemType[] PROBLEM_TYPES = {
    INVALID_REQUEST, NOT_FOUND, PROVIDER_GONE, ROUTE_GONE, UPSTREAM_FAILED, PROVIDER_SUSPENDED
  };
  private static final Form.Field[] VISION_FIELDS = {
    Form.Field.text("prompt", "The user's prompt."),
    Form.Field.files("images", "PNG, JPEG, GIF or WebP images.", MAX_IMAGES),
    Form.Field.json("options", "Additional members of the model request, as a JSON object.")
        .optional(),
    Form.Field.text("token", "Replaces the provider's API key for this request.").optional()
  };

  private final AgentRuns runs;
  private final Agents agents;
  private final CallContexts contexts;

  private AgentRunRoutes(AgentRuns runs, Agents agents, CallContexts contexts) {
    this.runs = runs;
    this.agents = agents;
    this.contexts = contexts;
  }

  /// The group of all routes that run agents.
  public static RouteGroup of(AgentRuns runs, Agents agents, CallContexts contexts) {
    return new RouteGroup(
        "/api/agents",
        "Agent runs",
        "Runs of agents. Response headers name the provider, the model and the agent's revision,"
            + " and the route and its target if the agent has one.",
        AgentRunRoutes::problem,
        new AgentRunRoutes(runs, agents, contexts).all());
  }

  private List<Route> all() {
    return List.of(
        route(
                "/{id}/chat",
                "Create a chat completion",
                "createChatCompletion",
                "Returns OpenAI's `chat.completion`. With `json_schema`, the response is validated"
                    + " before it is returned.")
            .accepts(ChatInput.class, MAX_JSON_BODY_BYTES)
            .returns(
                200,
                AgentRunSchemas.ChatCompletion.class,
                INVALID_REQUEST,
                NOT_FOUND,
                PROVIDER_GONE,
                ROUTE_GONE,
                ANSWER_UNCHECKED,
                UPSTREAM_FAILED,
                ANSWER_INVALID,
                PROVIDER_SUSPENDED)
            .handledOnLoopBy(request ->
                runs.chat(request.path(ID), revision(request), request.body(), context(request))
                    .thenApply(AgentRunRoutes::jsonResponse)),
        route(
                "/{id}/chat/stream",
                "Stream a chat completion",
                "streamChatCompletion",
                "Streams OpenAI's `chat.completion.chunk` objects as server-sent events, then"
                    + " `[DONE]`. An incomplete response ends with an event named `error`.")
            .accepts(ChatStreamInput.class, MAX_JSON_BODY_BYTES)
            .returnsEvents(200, AgentRunSchemas.ChatCompletionChunk.class, PROBLEM_TYPES)
            .handledOnLoopBy(request ->
                runs.streamChat(
                        request.path(ID), revision(request), request.body(), context(request))
                    .thenApply(AgentRunRoutes::eventResponse)),
        route(
                "/{id}/vision",
                "Create a chat completion with images",
                "createVisionCompletion",
                "Takes a form with a prompt and image files. Returns OpenAI's `chat.completion`.")
            .acceptsForm("VisionRequest", MAX_FORM_BYTES, VISION_FIELDS)
            .returns(200, AgentRunSchemas.ChatCompletion.class, PROBLEM_TYPES)
            .handledOnLoopBy(request ->
                runs.vision(
                        request.path(ID),
                        revision(request),
                        parseVisionInput(request),
                        context(request))
                    .thenApply(AgentRunRoutes::jsonResponse)),
        route(
                "/{id}/vision/stream",
                "Stream a chat completion with images",
                "streamVisionCompletion",
                "Takes a form with a prompt and image files. Streams the same events as a chat"
                    + " completion.")
            .acceptsForm("VisionRequest", MAX_FORM_BYTES, VISION_FIELDS)
            .returnsEvents(200, AgentRunSchemas.ChatCompletionChunk.class, PROBLEM_TYPES)
            .handledOnLoopBy(request ->
                runs.streamVision(
                        request.path(ID),
                        revision(request),
                        parseVisionInput(request),
                        context(request))
                    .thenApply(AgentRunRoutes::eventResponse)),
        route(
                "/{id}/tools",
                "Create a chat completion with tools",
                "createToolCompletion",
                "The response may contain calls of the given functions. The caller executes them"
                    + " and sends their results as messages.")
            .accepts(ToolsInput.class, MAX_JSON_BODY_BYTES)
            .returns(200, AgentRunSchemas.ChatCompletion.class, PROBLEM_TYPES)
            .handledOnLoopBy(request ->
                runs.tools(request.path(ID), revision(request), request.body(), context(request))
                    .thenApply(AgentRunRoutes::jsonResponse)),
        route(
                "/{id}/embed",
                "Create embeddings",
                "createEmbeddings",
                "Returns OpenAI's list of embeddings, one per text, in the order of the input.")
            .accepts(EmbedInput.class, MAX_JSON_BODY_BYTES)
            .returns(200, AgentRunSchemas.EmbeddingList.class, PROBLEM_TYPES)
            .handledOnLoopBy(request ->
                runs.embed(request.path(ID), revision(request), request.body(), context(request))
                    .thenApply(AgentRunRoutes::jsonResponse)));
  }

  private Route.ResponseStage<Void> route(
      String path, String summary, String operationId, String description) {
    return Route.post(path, summary)
        .operation(operationId, description)
        .requires(INVOKE)
        .forAgent(ID, agents::findId)
        .parameters(REVISION);
  }

  private static Optional<Long> revision(Request<?> request) {
    return request.optional(REVISION);
  }

  private CallContext context(Request<?> request) {
    return contexts.of(request, CLIENT_DIALECT, (failure, _) -> ErrorEvent.of(failure));
  }

  private static VisionInput parseVisionInput(Request<Form> request) {
    Form form = request.body();
    List<Form.Part> files = form.all("images");
    return new VisionInput(
        form.text("prompt").orElseThrow(),
        files.stream()
            .map(file -> ImageInput.of(file.bytes(), "images[%d]".formatted(files.indexOf(file))))
            .toList(),
        form.json("options"),
        form.text("token").map(Secret::of));
  }

  private static Response jsonResponse(Run<ModelResponse> run) {
    return withRunHeaders(run, Response.rawJson(run.result().json()));
  }

  private static Response eventResponse(Run<ModelStream> run) {
    return withRunHeaders(run, Response.events(run.result().events(), ErrorEvent::unauthenticated));
  }

  private static Response withRunHeaders(Run<?> run, Response response) {
    return response
        .withHeaders(ResultHeaders.of(run.plan(), run.result()))
        .withHeader("Agent-Lab-Revision", Long.toString(run.revision()));
  }

  private static Problem.Upstream toUpstream(ProviderError error) {
    return new Problem.Upstream(error.status(), error.type(), error.code(), error.param());
  }

  private static Optional<Problem> problem(RuntimeException failure) {
    return switch (failure) {
      case ModelCallException e -> {
        Problem base = Problem.of(CallContexts.problemType(e), String.valueOf(e.getMessage()));
        Problem problem =
            e.upstream().map(AgentRunRoutes::toUpstream).map(base::withUpstream).orElse(base);
        yield Optional.of(e.retryAfter().map(problem::retryAfter).orElse(problem));
      }
      case StructuredOutputException e ->
          Optional.of(Problem.of(ANSWER_INVALID, String.valueOf(e.getMessage())));
      case SchemaValidationException e ->
          Optional.of(
              switch (e.kind()) {
                case TOO_EXPENSIVE, BROKEN ->
                    Problem.of(
                        ANSWER_UNCHECKED,
                        "the model's response could not be validated against json_schema: "
                            + e.getMessage());
                case BUSY, CANCELLED ->
                    Problem.of(
                            UNAVAILABLE, "json_schema validation is unavailable: " + e.getMessage())
                        .retryAfter(BUSY_RETRY_AFTER);
              });
      default -> AgentRoutes.problem(failure);
    };
  }
}
