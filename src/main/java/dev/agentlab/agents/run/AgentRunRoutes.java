package dev.agentlab.agents.run;

import static dev.agentlab.http.ProblemType.ANSWER_INVALID;
import static dev.agentlab.http.ProblemType.ANSWER_UNCHECKED;
import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.NOT_FOUND;
import static dev.agentlab.http.ProblemType.PROVIDER_GONE;
import static dev.agentlab.http.ProblemType.PROVIDER_SUSPENDED;
import static dev.agentlab.http.ProblemType.UNAVAILABLE;
import static dev.agentlab.http.ProblemType.UPSTREAM_FAILED;
import static dev.agentlab.security.Scope.INVOKE;

import dev.agentlab.agents.AgentRoutes;
import dev.agentlab.agents.Agents;
import dev.agentlab.agents.run.AgentRuns.Run;
import dev.agentlab.dialects.PercentEncoder;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.http.Form;
import dev.agentlab.http.LogFields;
import dev.agentlab.http.Param;
import dev.agentlab.http.Problem;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.jsonschema.SchemaCheckException;
import dev.agentlab.modelclient.CallContext;
import dev.agentlab.modelclient.ErrorEvent;
import dev.agentlab.modelclient.ModelCall;
import dev.agentlab.modelclient.ModelCallException;
import dev.agentlab.modelclient.ModelResponse;
import dev.agentlab.modelclient.ModelStream;
import dev.agentlab.modelclient.ProviderError;
import dev.agentlab.secrets.Secret;
import dev.agentlab.upstream.Cancellation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The HTTP routes that run agents. A model call is cancelled when its client disconnects or the
/// caller's credential expires or is revoked.
public final class AgentRunRoutes {
  private static final int LARGEST_CHAT = 16 << 20;
  private static final int LARGEST_FORM = 32 << 20;
  private static final int MOST_IMAGES = 16;
  private static final int LONGEST_WARNINGS = 2_000;
  private static final Duration BUSY_FOR = Duration.ofSeconds(2);

  private static final Param<IdOrName> ID = Param.idOrName("The agent's id or name.");
  private static final Param<Long> REVISION =
      Param.queryInteger("revision", "The revision to run. Default: the latest.");

  private static final ProblemType[] FAILURES = {
    INVALID_REQUEST, NOT_FOUND, PROVIDER_GONE, UPSTREAM_FAILED, PROVIDER_SUSPENDED
  };
  private static final Form.Field[] VISION = {
    Form.Field.text("prompt", "The user's prompt."),
    Form.Field.files("images", "PNG, JPEG, GIF or WebP images.", MOST_IMAGES),
    Form.Field.json("options", "Additional members of the model request, as a JSON object.")
        .orNone(),
    Form.Field.text("token", "Replaces the provider's API key for this request.").orNone()
  };

  private final AgentRuns runs;
  private final Agents agents;

  private AgentRunRoutes(AgentRuns runs, Agents agents) {
    this.runs = runs;
    this.agents = agents;
  }

  /// The group of all routes that run agents.
  public static RouteGroup of(AgentRuns runs, Agents agents) {
    return new RouteGroup(
        "/api/agents",
        "Agent runs",
        "Runs of agents. Response headers name the provider, the model and the agent's revision.",
        AgentRunRoutes::problem,
        new AgentRunRoutes(runs, agents).all());
  }

  private List<Route> all() {
    return List.of(
        run(
                "/{id}/chat",
                "Create a chat completion",
                "createChatCompletion",
                "Returns OpenAI's `chat.completion`. With `json_schema`, the response is validated"
                    + " before it is returned.")
            .takes(ChatInput.class, LARGEST_CHAT)
            .gives(
                200,
                ChatCompletion.class,
                INVALID_REQUEST,
                NOT_FOUND,
                PROVIDER_GONE,
                ANSWER_UNCHECKED,
                UPSTREAM_FAILED,
                ANSWER_INVALID,
                PROVIDER_SUSPENDED)
            .by(request ->
                answer(
                    runs.chat(id(request), revision(request), request.body(), context(request)))),
        run(
                "/{id}/chat/stream",
                "Stream a chat completion",
                "streamChatCompletion",
                "Streams OpenAI's `chat.completion.chunk` objects as server-sent events, then"
                    + " `[DONE]`. An incomplete response ends with an event named `error`.")
            .takes(ChatStreamInput.class, LARGEST_CHAT)
            .givesEvents(200, ChatCompletionChunk.class, FAILURES)
            .by(request ->
                events(
                    runs.chatStream(
                        id(request), revision(request), request.body(), context(request)))),
        run(
                "/{id}/vision",
                "Create a chat completion with images",
                "createVisionCompletion",
                "Takes a form with a prompt and image files. Returns OpenAI's `chat.completion`.")
            .takesForm("VisionRequest", LARGEST_FORM, VISION)
            .gives(200, ChatCompletion.class, FAILURES)
            .by(request ->
                answer(
                    runs.vision(
                        id(request), revision(request), vision(request), context(request)))),
        run(
                "/{id}/vision/stream",
                "Stream a chat completion with images",
                "streamVisionCompletion",
                "Takes a form with a prompt and image files. Streams the same events as a chat"
                    + " completion.")
            .takesForm("VisionRequest", LARGEST_FORM, VISION)
            .givesEvents(200, ChatCompletionChunk.class, FAILURES)
            .by(request ->
                events(
                    runs.visionStream(
                        id(request), revision(request), vision(request), context(request)))),
        run(
                "/{id}/tools",
                "Create a chat completion with tools",
                "createToolCompletion",
                "The response may contain calls of the given functions. The caller executes them"
                    + " and sends their results as messages.")
            .takes(ToolsInput.class, LARGEST_CHAT)
            .gives(200, ChatCompletion.class, FAILURES)
            .by(request ->
                answer(
                    runs.tools(id(request), revision(request), request.body(), context(request)))),
        run(
                "/{id}/embed",
                "Create embeddings",
                "createEmbeddings",
                "Returns OpenAI's list of embeddings, one per text, in the order of the input.")
            .takes(EmbedInput.class, LARGEST_CHAT)
            .gives(200, EmbeddingList.class, FAILURES)
            .by(request ->
                answer(
                    runs.embed(id(request), revision(request), request.body(), context(request)))));
  }

  private Route.Signature<Void> run(
      String path, String summary, String operationId, String description) {
    return Route.post(path, summary)
        .operation(operationId, description)
        .needs(INVOKE)
        .forAgent(ID, agents::idOf)
        .reads(REVISION);
  }

  private UUID id(Request<?> request) {
    return AgentRoutes.id(request.path(ID), agents);
  }

  private static Optional<Long> revision(Request<?> request) {
    return request.optional(REVISION);
  }

  /// Cancels the run's model calls on client disconnect or when the caller's credential ends, and
  /// logs the outcome of the last one.
  private static CallContext context(Request<?> request) {
    Cancellation cancellation = new Cancellation();
    request.whenLeft(cancellation::cancel);
    LogFields fields = request.logFields();
    return new CallContext(cancellation, ended -> log(ended, fields));
  }

  private static void log(ModelCall ended, LogFields fields) {
    fields.put("provider", ended.provider());
    fields.put("model", ended.model());
    fields.put("attempts", ended.attempts());
    fields.put("outcome", ended.outcome());
    ended.cause().ifPresent(cause -> fields.put("cause", cause));
    if (ended.failure().orElse(null) instanceof ModelCallException e) {
      fields.streamFailed(type(e));
    }
  }

  private static VisionInput vision(Request<Form> request) {
    Form form = request.body();
    List<Form.Part> files = form.all("images");
    return new VisionInput(
        form.text("prompt").orElseThrow(),
        files.stream()
            .map(file -> Image.of(file.bytes(), "images[%d]".formatted(files.indexOf(file))))
            .toList(),
        form.json("options"),
        form.text("token").map(Secret::of));
  }

  private static Response answer(Run<ModelResponse> run) {
    ModelResponse response = run.result();
    return named(run, response.attempts(), response.warnings(), Response.rawJson(response.json()));
  }

  private static Response events(Run<ModelStream> run) {
    ModelStream stream = run.result();
    return named(
        run,
        stream.attempts(),
        stream.warnings(),
        Response.events(stream.events(), ErrorEvent::unauthenticated));
  }

  private static Response named(
      Run<?> run, int attempts, List<String> warnings, Response response) {
    Response withRun =
        response
            .with("Agent-Lab-Provider", encoded(run.provider()))
            .with("Agent-Lab-Model", encoded(run.model()))
            .with("Agent-Lab-Revision", Long.toString(run.revision()))
            .with("Agent-Lab-Attempts", Integer.toString(attempts));
    return warnings.isEmpty() ? withRun : withRun.with("Agent-Lab-Warnings", told(warnings));
  }

  /// Joins as many warnings as fit into a header field that common clients and proxies accept, and
  /// appends the number of the others.
  static String told(List<String> warnings) {
    StringBuilder joined = new StringBuilder();
    for (int i = 0; i < warnings.size(); i++) {
      String next = encoded(warnings.get(i));
      if (joined.length() + next.length() > LONGEST_WARNINGS) {
        return "%s(%d more)".formatted(joined, warnings.size() - i);
      }
      joined.append(next).append(i + 1 < warnings.size() ? " " : "");
    }
    return joined.toString();
  }

  /// Percent-encodes `%` and everything but printable ASCII for a header field.
  private static String encoded(String text) {
    StringBuilder encoded = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          if (c < ' ' || c > '~' || c == '%') {
            encoded.append(PercentEncoder.encoded(Character.toString(c)));
          } else {
            encoded.appendCodePoint(c);
          }
        });
    return encoded.toString();
  }

  private static Problem.Upstream said(ProviderError error) {
    return new Problem.Upstream(error.status(), error.type(), error.code(), error.param());
  }

  private static ProblemType type(ModelCallException failure) {
    return switch (failure.kind()) {
      case SUSPENDED -> PROVIDER_SUSPENDED;
      case OVERLOADED -> UNAVAILABLE;
      default -> UPSTREAM_FAILED;
    };
  }

  private static Optional<Problem> problem(RuntimeException failure) {
    return switch (failure) {
      case ModelCallException e -> {
        Problem base = Problem.of(type(e), String.valueOf(e.getMessage()));
        Problem problem = e.upstream().map(AgentRunRoutes::said).map(base::saying).orElse(base);
        yield Optional.of(e.retryAfter().map(problem::retryAfter).orElse(problem));
      }
      case StructuredOutputException e ->
          Optional.of(Problem.of(ANSWER_INVALID, String.valueOf(e.getMessage())));
      case SchemaCheckException e ->
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
                        .retryAfter(BUSY_FOR);
              });
      default -> AgentRoutes.problem(failure);
    };
  }
}
