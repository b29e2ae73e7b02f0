package dev.agentlab.http;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.security.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// The declaration of one API operation. Routing, authorization and the API description all use
/// this declaration, so they cannot diverge.
///
/// ```java
/// Route.post("", "Create a provider")
///     .operation("createProvider", "The name must be unique.")
///     .requires(PROVIDERS_WRITE)
///     .accepts(ProviderInput.class)
///     .returns(201, Provider.class, INVALID_REQUEST, NAME_TAKEN)
///     .handledBy(request -> Response.created(…))
/// ```
///
/// @param path relative to the prefix of the group; `{name}` is a path parameter, and `{name*}` at
///   the end one for all remaining segments
/// @param summary a short summary for the API description
/// @param operation the id and description in the API description; empty for a route that is not
///   described
/// @param scope the scope that a caller must have
/// @param agent the agent in the path, if any: callers whose scope is limited to that agent may use
///   the route too
/// @param checksTarget whether callers with a limited scope may use the route, because its handler
///   checks that the scope includes what the request names
/// @param parameters the parameters that the handler may read; an undeclared query parameter is
///   rejected, except by a probe
/// @param requestBody the request body, if any
/// @param isProbe whether the route is a health probe. A probe is served even under overload,
///   ignores its query, because some probing clients always add one, and is logged at debug level
///   only
/// @param status the HTTP status of a success
/// @param responseBody the response body of a success
/// @param problems the problem types of this route in the order of their description, in addition
///   to those of every route
/// @param handler creates the response
public record Route(
    Method method,
    String path,
    String summary,
    Optional<Operation> operation,
    Scope scope,
    Optional<AgentParameter> agent,
    boolean checksTarget,
    List<Param<?>> parameters,
    Optional<RequestBody> requestBody,
    boolean isProbe,
    int status,
    ResponseBody responseBody,
    Set<ProblemType> problems,
    Handler<?> handler) {

  private static final Pattern PARAMETER = Pattern.compile("\\{([^}*]*)\\*?}");

  /// The path parameter that identifies an agent.
  ///
  /// @param lookUpId looks up the id of an agent by name; may block
  public record AgentParameter(
      Param<IdOrName> parameter, Function<IdOrName.Name, Optional<UUID>> lookUpId) {}

  /// The id and description of a route in the API description.
  ///
  /// @param id the unique operation id; must not change once released, because generated clients
  ///   derive function names from it
  /// @param description details beyond the summary
  public record Operation(String id, String description) {}

  /// The request body of a route.
  public sealed interface RequestBody {
    /// The maximum size in bytes; 0 for the default, or for no limit of a [Stream].
    int maxBytes();

    /// A JSON value of a type.
    ///
    /// @param check finds errors in the JSON of an object that lacks a member, which no handler
    ///   sees
    record Json(Class<?> type, int maxBytes, Consumer<JsonNode> check) implements RequestBody {}

    /// Any JSON object, which the handler receives as the bytes that the client sent.
    record JsonBytes(int maxBytes) implements RequestBody {}

    /// Any bytes, which the handler receives as they arrive.
    ///
    /// @param maxBytes 0 for no limit, because little of the body is in memory at a time
    record Stream(int maxBytes) implements RequestBody {}

    /// A `multipart/form-data` form.
    ///
    /// @param name the name of its schema in the API description
    record Form(String name, List<dev.agentlab.http.Form.Field> fields, int maxBytes)
        implements RequestBody {
      public Form {
        fields = List.copyOf(fields);
      }
    }
  }

  /// The response body of a success.
  public sealed interface ResponseBody {
    /// No body.
    record Empty() implements ResponseBody {}

    /// A JSON value.
    ///
    /// @param element the type argument if `type` is generic
    record Json(Class<?> type, Optional<Class<?>> element) implements ResponseBody {}

    /// Text.
    record Text(String mediaType) implements ResponseBody {}

    /// Any bytes of any media type.
    record Bytes() implements ResponseBody {}

    /// Server-sent events.
    ///
    /// @param data the type of the JSON data of each event
    record Events(Class<?> data) implements ResponseBody {}
  }

  /// Handles the requests of a route.
  public sealed interface Handler<B> {

    /// Handles each request on a virtual thread; may block.
    record Blocking<B>(Function<Request<B>, Response> function) implements Handler<B> {}

    /// Handles each request on the event loop of its connection, or on a virtual thread if the body
    /// is large; must not wait for anything.
    record NonBlocking<B>(Function<Request<B>, CompletableFuture<Response>> function)
        implements Handler<B> {}
  }

  public Route {
    parameters = List.copyOf(parameters);
    problems = Collections.unmodifiableSet(new LinkedHashSet<>(problems));
    Set<String> declared =
        parameters.stream()
            .filter(parameter -> parameter.location() == Param.Location.PATH)
            .map(Param::name)
            .collect(Collectors.toSet());
    Set<String> named = new HashSet<>();
    Matcher matcher = PARAMETER.matcher(path);
    while (matcher.find()) {
      named.add(matcher.group(1));
    }
    if (!declared.equals(named)) {
      throw new IllegalArgumentException(
          "%s %s: the path has the parameters %s, but the route declares %s"
              .formatted(method, path, named, declared));
    }
    if (isProbe
        && parameters.stream()
            .anyMatch(parameter -> parameter.location() == Param.Location.QUERY)) {
      throw new IllegalArgumentException(
          "%s %s: a probe must not declare query parameters".formatted(method, path));
    }
    if (agent.isPresent() && !parameters.contains(agent.get().parameter())) {
      throw new IllegalArgumentException(
          "%s %s: the agent parameter must be declared".formatted(method, path));
    }
  }

  /// All problem types of the route: first its own, then those of the server.
  public Set<ProblemType> allProblems() {
    Set<ProblemType> all = new LinkedHashSet<>(problems);
    all.add(ProblemType.INVALID_REQUEST);
    all.add(ProblemType.MISDIRECTED_REQUEST);
    all.add(ProblemType.INTERNAL_ERROR);
    if (!scope.equals(Scope.PUBLIC)) {
      all.add(ProblemType.UNAUTHENTICATED);
      all.add(ProblemType.UNAVAILABLE);
    }
    if (scope.isGrantable()) {
      all.add(ProblemType.FORBIDDEN);
    }
    if (!isProbe) {
      all.add(ProblemType.UNAVAILABLE);
    }
    if (requestBody.isPresent()) {
      all.add(ProblemType.REQUEST_TIMEOUT);
      all.add(ProblemType.PAYLOAD_TOO_LARGE);
      all.add(ProblemType.UNSUPPORTED_MEDIA_TYPE);
    }
    return Collections.unmodifiableSet(all);
  }

  public static ScopeStage get(String path, String summary) {
    return new ScopeStage(Method.GET, path, summary, Optional.empty());
  }

  public static ScopeStage post(String path, String summary) {
    return new ScopeStage(Method.POST, path, summary, Optional.empty());
  }

  public static ScopeStage put(String path, String summary) {
    return new ScopeStage(Method.PUT, path, summary, Optional.empty());
  }

  /// A route for a method.
  public static ScopeStage of(Method method, String path, String summary) {
    return new ScopeStage(method, path, summary, Optional.empty());
  }

  public static ScopeStage delete(String path, String summary) {
    return new ScopeStage(Method.DELETE, path, summary, Optional.empty());
  }

  /// A route builder that lacks the scope.
  public record ScopeStage(
      Method method, String path, String summary, Optional<Operation> operation) {

    /// Sets the id and description in the API description; see [Operation].
    public ScopeStage operation(String id, String description) {
      return new ScopeStage(method, path, summary, Optional.of(new Operation(id, description)));
    }

    /// Sets the scope that a caller must have.
    public ResponseStage<Void> requires(Scope scope) {
      return new ResponseStage<>(
          this, scope, Optional.empty(), false, List.of(), Optional.empty(), false);
    }
  }

  /// A route builder that lacks the response.
  public record ResponseStage<B>(
      ScopeStage base,
      Scope scope,
      Optional<AgentParameter> agent,
      boolean checksTarget,
      List<Param<?>> parameters,
      Optional<RequestBody> body,
      boolean isProbe) {

    /// Permits callers with a limited scope; see the parameter `checksTarget` of [Route].
    public ResponseStage<B> checkingTarget() {
      return new ResponseStage<>(base, scope, agent, true, parameters, body, isProbe);
    }

    /// Declares the path parameter that identifies an agent, and permits callers whose grant is
    /// limited to that agent. For such a caller the handler receives the id of the agent, not its
    /// name.
    ///
    /// @param lookUp see [AgentParameter]
    public ResponseStage<B> forAgent(
        Param<IdOrName> parameter, Function<IdOrName.Name, Optional<UUID>> lookUp) {
      return new ResponseStage<>(
          base,
          scope,
          Optional.of(new AgentParameter(parameter, lookUp)),
          checksTarget,
          parameters(parameter).parameters(),
          body,
          isProbe);
    }

    /// Declares path, query and header parameters.
    public ResponseStage<B> parameters(Param<?>... added) {
      List<Param<?>> all = new ArrayList<>(parameters);
      all.addAll(List.of(added));
      return new ResponseStage<>(base, scope, agent, checksTarget, List.copyOf(all), body, isProbe);
    }

    /// Declares a JSON body of default maximum size.
    public <T> ResponseStage<T> accepts(Class<T> type) {
      return accepts(type, 0);
    }

    /// Declares a JSON body with its own maximum size.
    ///
    /// @param maxBytes the maximum size in bytes; at least the default applies
    public <T> ResponseStage<T> accepts(Class<T> type, int maxBytes) {
      return accepts(new RequestBody.Json(type, maxBytes, _ -> {}));
    }

    /// A JSON body whose errors are all reported at once, even if it lacks a member.
    ///
    /// @param check takes the JSON of a body that lacks a member; throws
    ///   [dev.agentlab.errors.InvalidInputException] with what else is wrong with it
    public <T> ResponseStage<T> accepts(Class<T> type, Consumer<JsonNode> check) {
      return accepts(new RequestBody.Json(type, 0, check));
    }

    private <T> ResponseStage<T> accepts(RequestBody.Json json) {
      return new ResponseStage<>(
          base, scope, agent, checksTarget, parameters, Optional.of(json), isProbe);
    }

    /// Declares a JSON body that the handler receives as bytes.
    ///
    /// @param maxBytes the maximum size in bytes
    public ResponseStage<byte[]> acceptsJsonBytes(int maxBytes) {
      return new ResponseStage<>(
          base,
          scope,
          agent,
          checksTarget,
          parameters,
          Optional.of(new RequestBody.JsonBytes(maxBytes)),
          isProbe);
    }

    /// Declares any body, or none, that the handler receives as it arrives.
    ///
    /// @param maxBytes the maximum size in bytes; 0 for no limit
    public ResponseStage<BodyStream> acceptsStream(int maxBytes) {
      return new ResponseStage<>(
          base,
          scope,
          agent,
          checksTarget,
          parameters,
          Optional.of(new RequestBody.Stream(maxBytes)),
          isProbe);
    }

    /// Declares a `multipart/form-data` body.
    ///
    /// @param name the name of its schema in the API description
    /// @param maxBytes the maximum size in bytes
    public ResponseStage<Form> acceptsForm(String name, int maxBytes, Form.Field... fields) {
      return new ResponseStage<>(
          base,
          scope,
          agent,
          checksTarget,
          parameters,
          Optional.of(new RequestBody.Form(name, List.of(fields), maxBytes)),
          isProbe);
    }

    /// Makes the route a health probe; see the parameter `isProbe` of [Route].
    public ResponseStage<B> probe() {
      return new ResponseStage<>(base, scope, agent, checksTarget, parameters, body, true);
    }

    /// Declares a response with a JSON body.
    public HandlerStage<B> returns(int status, Class<?> type, ProblemType... problems) {
      return new HandlerStage<>(
          this, status, new ResponseBody.Json(type, Optional.empty()), problems);
    }

    /// Declares a response with a JSON body of a generic type with one type argument, such as a
    /// page of providers.
    public HandlerStage<B> returns(
        int status, Class<?> type, Class<?> element, ProblemType... problems) {
      return new HandlerStage<>(
          this, status, new ResponseBody.Json(type, Optional.of(element)), problems);
    }

    /// Declares a response with a text body.
    public HandlerStage<B> returnsText(int status, String mediaType, ProblemType... problems) {
      return new HandlerStage<>(this, status, new ResponseBody.Text(mediaType), problems);
    }

    /// Declares a response with any bytes.
    public HandlerStage<B> returnsBytes(int status, ProblemType... problems) {
      return new HandlerStage<>(this, status, new ResponseBody.Bytes(), problems);
    }

    /// Declares a response with a stream of server-sent events, whose data is JSON.
    public HandlerStage<B> returnsEvents(int status, Class<?> data, ProblemType... problems) {
      return new HandlerStage<>(this, status, new ResponseBody.Events(data), problems);
    }

    /// Declares a response without a body.
    public HandlerStage<B> returnsEmpty(int status, ProblemType... problems) {
      return new HandlerStage<>(this, status, new ResponseBody.Empty(), problems);
    }
  }

  /// A route builder that lacks the handler.
  public static final class HandlerStage<B> {
    private final ResponseStage<B> stage;
    private final int status;
    private final ResponseBody responseBody;
    private final Set<ProblemType> problems;

    private HandlerStage(
        ResponseStage<B> stage, int status, ResponseBody responseBody, ProblemType... problems) {
      this.stage = stage;
      this.status = status;
      this.responseBody = responseBody;
      this.problems = new LinkedHashSet<>(List.of(problems));
    }

    /// Sets a handler that may block, and builds the route.
    public Route handledBy(Function<Request<B>, Response> handler) {
      return build(new Handler.Blocking<>(handler));
    }

    /// Sets a handler that does not block, and builds the route.
    ///
    /// @param handler its result is completed on [Request#loop]
    public Route handledOnLoopBy(Function<Request<B>, CompletableFuture<Response>> handler) {
      return build(new Handler.NonBlocking<>(handler));
    }

    private Route build(Handler<B> handler) {
      ScopeStage base = stage.base();
      return new Route(
          base.method(),
          base.path(),
          base.summary(),
          base.operation(),
          stage.scope(),
          stage.agent(),
          stage.checksTarget(),
          stage.parameters(),
          stage.body(),
          stage.isProbe(),
          status,
          responseBody,
          problems,
          handler);
    }
  }
}
