package dev.agentlab.http;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.security.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
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
/// @param path relative to the prefix of the group; `{name}` is a path parameter
/// @param summary a short summary for the API description
/// @param operation the id and description in the API description; empty for a route that is not
///   described
/// @param scope the scope that a caller must have
/// @param agent the agent in the path, if any: callers whose scope is limited to that agent may use
///   the route too
/// @param reads the parameters that the handler may read; an undeclared query parameter is
///   rejected, except by a probe
/// @param takes the request body, if any
/// @param probe whether the route is a health probe. A probe is served even under overload, ignores
///   its query, because some probing clients always add one, and is logged at debug level only
/// @param status the HTTP status of a success
/// @param gives the response body of a success
/// @param failures the problems of this route, in addition to those of every route
/// @param handler creates the response
public record Route(
    Method method,
    String path,
    String summary,
    Optional<Operation> operation,
    Scope scope,
    Optional<AgentOfPath> agent,
    List<Param<?>> reads,
    Optional<Takes> takes,
    boolean probe,
    int status,
    Gives gives,
    Set<ProblemType> failures,
    Handler<?> handler) {

  private static final Pattern PARAMETER = Pattern.compile("\\{([^}]*)}");

  /// The path parameter that identifies an agent.
  ///
  /// @param idOf looks up the id of an agent by name; may block
  public record AgentOfPath(
      Param<IdOrName> parameter, Function<IdOrName.Name, Optional<UUID>> idOf) {}

  /// The id and description of a route in the API description.
  ///
  /// @param id the unique operation id; must not change once released, because generated clients
  ///   derive function names from it
  /// @param description details beyond the summary
  public record Operation(String id, String description) {}

  /// The request body of a route.
  public sealed interface Takes {
    /// The maximum size in bytes; 0 for the default.
    int maxBytes();

    /// A JSON value of a type.
    ///
    /// @param check finds faults in the JSON of an object that lacks a member, which no handler
    ///   sees
    record Json(Class<?> type, int maxBytes, Consumer<JsonNode> check) implements Takes {}

    /// A `multipart/form-data` form.
    ///
    /// @param name the name of its schema in the API description
    record Form(String name, List<dev.agentlab.http.Form.Field> fields, int maxBytes)
        implements Takes {
      public Form {
        fields = List.copyOf(fields);
      }
    }
  }

  /// The response body of a success.
  public sealed interface Gives {
    /// No body.
    record Nothing() implements Gives {}

    /// A JSON value.
    ///
    /// @param element the type argument if `type` is generic
    record Json(Class<?> type, Optional<Class<?>> element) implements Gives {}

    /// Text.
    record Text(String mediaType) implements Gives {}

    /// Server-sent events.
    ///
    /// @param data the type of the JSON data of each event
    record Events(Class<?> data) implements Gives {}
  }

  /// Handles the requests of a route, on a virtual thread; may block.
  @FunctionalInterface
  public interface Handler<B> {
    Response handle(Request<B> request);
  }

  public Route {
    reads = List.copyOf(reads);
    failures = Collections.unmodifiableSet(copyOf(failures));
    Set<String> declared =
        reads.stream()
            .filter(parameter -> parameter.place() == Param.Place.PATH)
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
    if (probe && reads.stream().anyMatch(parameter -> parameter.place() == Param.Place.QUERY)) {
      throw new IllegalArgumentException(
          "%s %s: a probe must not declare query parameters".formatted(method, path));
    }
    if (agent.isPresent() && !reads.contains(agent.get().parameter())) {
      throw new IllegalArgumentException(
          "%s %s: the agent parameter must be declared".formatted(method, path));
    }
  }

  /// All problems of the route: its own and those of the server.
  public Set<ProblemType> everyFailure() {
    Set<ProblemType> all = copyOf(failures);
    all.add(ProblemType.INVALID_REQUEST);
    all.add(ProblemType.MISDIRECTED_REQUEST);
    all.add(ProblemType.INTERNAL_ERROR);
    if (scope != Scope.OPEN) {
      all.add(ProblemType.UNAUTHENTICATED);
      all.add(ProblemType.UNAVAILABLE);
    }
    if (scope.isGranted()) {
      all.add(ProblemType.FORBIDDEN);
    }
    if (!probe) {
      all.add(ProblemType.UNAVAILABLE);
    }
    if (takes.isPresent()) {
      all.add(ProblemType.REQUEST_TIMEOUT);
      all.add(ProblemType.PAYLOAD_TOO_LARGE);
      all.add(ProblemType.UNSUPPORTED_MEDIA_TYPE);
    }
    return Collections.unmodifiableSet(all);
  }

  private static Set<ProblemType> copyOf(Set<ProblemType> problems) {
    Set<ProblemType> copy = EnumSet.noneOf(ProblemType.class);
    copy.addAll(problems);
    return copy;
  }

  public static Draft get(String path, String summary) {
    return new Draft(Method.GET, path, summary, Optional.empty());
  }

  public static Draft post(String path, String summary) {
    return new Draft(Method.POST, path, summary, Optional.empty());
  }

  public static Draft put(String path, String summary) {
    return new Draft(Method.PUT, path, summary, Optional.empty());
  }

  public static Draft delete(String path, String summary) {
    return new Draft(Method.DELETE, path, summary, Optional.empty());
  }

  /// A route builder that lacks the scope.
  public record Draft(Method method, String path, String summary, Optional<Operation> operation) {

    /// Sets the id and description in the API description; see [Operation].
    public Draft operation(String id, String description) {
      return new Draft(method, path, summary, Optional.of(new Operation(id, description)));
    }

    /// Sets the scope that a caller must have.
    public Signature<Void> needs(Scope scope) {
      return new Signature<>(this, scope, Optional.empty(), List.of(), Optional.empty(), false);
    }
  }

  /// A route builder that lacks the response.
  public record Signature<B>(
      Draft draft,
      Scope scope,
      Optional<AgentOfPath> agent,
      List<Param<?>> reads,
      Optional<Takes> body,
      boolean isProbe) {

    /// Declares the path parameter that identifies an agent, and permits callers whose grant is
    /// limited to that agent. For such a caller the handler receives the id of the agent, not its
    /// name.
    ///
    /// @param lookUp see [AgentOfPath]
    public Signature<B> forAgent(
        Param<IdOrName> parameter, Function<IdOrName.Name, Optional<UUID>> lookUp) {
      return new Signature<>(
          draft,
          scope,
          Optional.of(new AgentOfPath(parameter, lookUp)),
          reads(parameter).reads(),
          body,
          isProbe);
    }

    /// Declares path, query and header parameters.
    public Signature<B> reads(Param<?>... added) {
      List<Param<?>> all = new ArrayList<>(reads);
      all.addAll(List.of(added));
      return new Signature<>(draft, scope, agent, List.copyOf(all), body, isProbe);
    }

    /// Declares a JSON body of default maximum size.
    public <T> Signature<T> takes(Class<T> type) {
      return takes(type, 0);
    }

    /// Declares a JSON body with its own maximum size.
    ///
    /// @param maxBytes the maximum size in bytes; at least the default applies
    public <T> Signature<T> takes(Class<T> type, int maxBytes) {
      return takes(new Takes.Json(type, maxBytes, _ -> {}));
    }

    /// A JSON body whose faults are all named at once, even if it lacks a member.
    ///
    /// @param check takes the JSON of a body that lacks a member; throws
    ///   [dev.agentlab.errors.InvalidInputException] with what else is wrong with it
    public <T> Signature<T> takes(Class<T> type, Consumer<JsonNode> check) {
      return takes(new Takes.Json(type, 0, check));
    }

    private <T> Signature<T> takes(Takes.Json json) {
      return new Signature<>(draft, scope, agent, reads, Optional.of(json), isProbe);
    }

    /// Declares a `multipart/form-data` body.
    ///
    /// @param name the name of its schema in the API description
    /// @param maxBytes the maximum size in bytes
    public Signature<Form> takesForm(String name, int maxBytes, Form.Field... fields) {
      return new Signature<>(
          draft,
          scope,
          agent,
          reads,
          Optional.of(new Takes.Form(name, List.of(fields), maxBytes)),
          isProbe);
    }

    /// Makes the route a health probe; see the parameter `isProbe` of [Route].
    public Signature<B> probe() {
      return new Signature<>(draft, scope, agent, reads, body, true);
    }

    /// Declares a response with a JSON body.
    public Answered<B> gives(int status, Class<?> type, ProblemType... problems) {
      return new Answered<>(this, status, new Gives.Json(type, Optional.empty()), problems);
    }

    /// Declares a response with a JSON body of a generic type with one type argument, such as a
    /// page of providers.
    public Answered<B> gives(int status, Class<?> type, Class<?> element, ProblemType... problems) {
      return new Answered<>(this, status, new Gives.Json(type, Optional.of(element)), problems);
    }

    /// Declares a response with a text body.
    public Answered<B> givesText(int status, String mediaType, ProblemType... problems) {
      return new Answered<>(this, status, new Gives.Text(mediaType), problems);
    }

    /// Declares a response with a stream of server-sent events, whose data is JSON.
    public Answered<B> givesEvents(int status, Class<?> data, ProblemType... problems) {
      return new Answered<>(this, status, new Gives.Events(data), problems);
    }

    /// Declares a response without a body.
    public Answered<B> givesNothing(int status, ProblemType... problems) {
      return new Answered<>(this, status, new Gives.Nothing(), problems);
    }
  }

  /// A route builder that lacks the handler.
  public static final class Answered<B> {
    private final Signature<B> signature;
    private final int status;
    private final Gives gives;
    private final Set<ProblemType> failures;

    private Answered(Signature<B> stage, int status, Gives responseBody, ProblemType... problems) {
      this.signature = stage;
      this.status = status;
      this.gives = responseBody;
      this.failures = copyOf(Set.of(problems));
    }

    /// Sets the handler and builds the route.
    public Route by(Handler<B> handler) {
      Draft base = signature.draft();
      return new Route(
          base.method(),
          base.path(),
          base.summary(),
          base.operation(),
          signature.scope(),
          signature.agent(),
          signature.reads(),
          signature.body(),
          signature.isProbe(),
          status,
          gives,
          failures,
          handler);
    }
  }
}
