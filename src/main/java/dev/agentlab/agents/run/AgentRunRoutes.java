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

/// Running agents over HTTP. A caller that leaves, or whose key ends, ends the call to the
/// provider.
public final class AgentRunRoutes {
  private static final int LARGEST_CHAT = 16 << 20;
  private static final int LARGEST_FORM = 32 << 20;
  private static final int MOST_IMAGES = 16;
  private static final int LONGEST_WARNINGS = 2_000;
  private static final Duration BUSY_FOR = Duration.ofSeconds(2);

  private static final Param<IdOrName> ID = Param.idOrName("The agent's id or name.");
  private static final Param<Long> REVISION =
      Param.queryInteger("revision", "The revision to run; the newest if left out.");

  private static final ProblemType[] FAILURES = {
    INVALID_REQUEST, NOT_FOUND, PROVIDER_GONE, UPSTREAM_FAILED, PROVIDER_SUSPENDED
  };
  private static final Form.Field[] VISION = {
    Form.Field.text("prompt", "What the user asks."),
    Form.Field.files("images", "PNG, JPEG, GIF or WebP images.", MOST_IMAGES),
    Form.Field.json("options", "Members of the request to the model, as a JSON object.").orNone(),
    Form.Field.text("token", "Takes the place of the provider's key for this call.").orNone()
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
        "What agents say. Each answer names the provider, the model and the agent's revision in its"
            + " headers.",
        AgentRunRoutes::problem,
        new AgentRunRoutes(runs, agents).all());
  }

  private List<Route> all() {
    return List.of(
        run(
                "/{id}/chat",
                "Create a chat completion",
                "createChatCompletion",
                "OpenAI's `chat.completion`. With `json_schema` the answer is validated"
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
            .by(call -> answer(runs.chat(id(call), revision(call), call.body(), context(call)))),
        run(
                "/{id}/chat/stream",
                "Stream a chat completion",
                "streamChatCompletion",
                "OpenAI's `chat.completion.chunk`s as server-sent events, then `[DONE]`."
                    + " An incomplete answer ends in an event named `error`.")
            .takes(ChatStreamInput.class, LARGEST_CHAT)
            .givesEvents(200, ChatCompletionChunk.class, FAILURES)
            .by(call ->
                events(runs.chatStream(id(call), revision(call), call.body(), context(call)))),
        run(
                "/{id}/vision",
                "Create a chat completion about images",
                "createVisionCompletion",
                "Takes a form with a prompt and image files; answers OpenAI's `chat.completion`.")
            .takesForm("VisionRequest", LARGEST_FORM, VISION)
            .gives(200, ChatCompletion.class, FAILURES)
            .by(call -> answer(runs.vision(id(call), revision(call), vision(call), context(call)))),
        run(
                "/{id}/vision/stream",
                "Stream a chat completion about images",
                "streamVisionCompletion",
                "Takes a form with a prompt and image files; answers as the stream of a"
                    + " chat completion does.")
            .takesForm("VisionRequest", LARGEST_FORM, VISION)
            .givesEvents(200, ChatCompletionChunk.class, FAILURES)
            .by(call ->
                events(runs.visionStream(id(call), revision(call), vision(call), context(call)))),
        run(
                "/{id}/tools",
                "Create a chat completion with tools",
                "createToolCompletion",
                "The answer may contain calls of the functions given; the caller executes"
                    + " them and sends their results as messages.")
            .takes(ToolsInput.class, LARGEST_CHAT)
            .gives(200, ChatCompletion.class, FAILURES)
            .by(call -> answer(runs.tools(id(call), revision(call), call.body(), context(call)))),
        run(
                "/{id}/embed",
                "Create embeddings",
                "createEmbeddings",
                "OpenAI's list of embeddings, one for each text, in the order of the input.")
            .takes(EmbedInput.class, LARGEST_CHAT)
            .gives(200, EmbeddingList.class, FAILURES)
            .by(call -> answer(runs.embed(id(call), revision(call), call.body(), context(call)))));
  }

  private Route.Signature<Void> run(
      String path, String summary, String operationId, String description) {
    return Route.post(path, summary)
        .operation(operationId, description)
        .needs(INVOKE)
        .forAgent(ID, agents::idOf)
        .reads(REVISION);
  }

  private UUID id(Request<?> call) {
    return AgentRoutes.id(call.path(ID), agents);
  }

  private static Optional<Long> revision(Request<?> call) {
    return call.optional(REVISION);
  }

  /// Ends the run's model calls when the caller leaves or its key ends, and logs how the last of
  /// them ended.
  private static CallContext context(Request<?> call) {
    Cancellation cancellation = new Cancellation();
    call.whenLeft(cancellation::cancel);
    LogFields fields = call.logFields();
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

  private static VisionInput vision(Request<Form> call) {
    Form form = call.body();
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
    ModelResponse answer = run.result();
    return named(run, answer.attempts(), answer.warnings(), Response.rawJson(answer.json()));
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
    Response named =
        response
            .with("Agent-Lab-Provider", encoded(run.provider()))
            .with("Agent-Lab-Model", encoded(run.model()))
            .with("Agent-Lab-Revision", Long.toString(run.revision()))
            .with("Agent-Lab-Attempts", Integer.toString(attempts));
    return warnings.isEmpty() ? named : named.with("Agent-Lab-Warnings", told(warnings));
  }

  /// As many sentences as fit in what every client and proxy takes for a header field.
  static String told(List<String> warnings) {
    StringBuilder told = new StringBuilder();
    for (int i = 0; i < warnings.size(); i++) {
      String next = encoded(warnings.get(i));
      if (told.length() + next.length() > LONGEST_WARNINGS) {
        return "%s(%d more)".formatted(told, warnings.size() - i);
      }
      told.append(next).append(i + 1 < warnings.size() ? " " : "");
    }
    return told.toString();
  }

  /// Text as a header can carry it: what is not printable ASCII is percent-encoded, and `%` too.
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
        Problem told = Problem.of(type(e), String.valueOf(e.getMessage()));
        Problem problem = e.upstream().map(AgentRunRoutes::said).map(told::saying).orElse(told);
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
                        "the model has answered, but its answer cannot be held to json_schema: "
                            + e.getMessage());
                case BUSY, CANCELLED ->
                    Problem.of(UNAVAILABLE, "json_schema cannot be checked: " + e.getMessage())
                        .retryAfter(BUSY_FOR);
              });
      default -> AgentRoutes.problem(failure);
    };
  }
}
