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

/// One operation of the API as a value. The router, the API description and authorisation all read
/// this one value, so that they cannot disagree.
///
/// ```java
/// Route.post("", "Create a provider")
///     .operation("createProvider", "The name must be unique.")
///     .needs(PROVIDERS_WRITE)
///     .takes(ProviderCommand.class)
///     .gives(201, Provider.class, INVALID_REQUEST, NAME_TAKEN)
///     .by(call -> Response.created(…))
/// ```
///
/// @param path below the group's prefix; `{name}` stands for a path parameter
/// @param summary a few words for the API description
/// @param operation how the API description identifies and explains the route; empty for a route
///   that is never described
/// @param agent the one agent a call is about: who may do this with that agent only may call it too
/// @param reads the parameters the handler may read; a query parameter not listed is refused, save
///   by a probe
/// @param takes the body, if there is one
/// @param probe whether machines ask it again and again to learn how the service is: such a route
///   is answered under overload too and with whatever query, for not every machine can be told to
///   leave its own out, and its calls are logged at debug only
/// @param status what a success answers
/// @param gives the type of a success's JSON body, or the media type of its text
/// @param failures what may go wrong beside what may on any route
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

  /// The agent that a path names.
  ///
  /// @param idOf the id of the agent with a name; may block
  public record AgentOfPath(
      Param<IdOrName> parameter, Function<IdOrName.Name, Optional<UUID>> idOf) {}

  /// How the API description identifies a route and explains it.
  ///
  /// @param id unique; generated clients name their function after it, so it stays once released
  /// @param description what a caller needs to know beyond the summary
  public record Operation(String id, String description) {}

  /// What a request carries.
  public sealed interface Takes {
    /// Bytes it may have; 0 for what is usual.
    int maxBytes();

    /// A JSON value of a type.
    ///
    /// @param check finds faults in the JSON of an object that lacks a member, which no handler
    ///   sees
    record Json(Class<?> type, int maxBytes, Consumer<JsonNode> check) implements Takes {}

    /// A `multipart/form-data` form of these fields.
    ///
    /// @param name of its schema in the API description
    record Form(String name, List<dev.agentlab.http.Form.Field> fields, int maxBytes)
        implements Takes {
      public Form {
        fields = List.copyOf(fields);
      }
    }
  }

  /// What a success carries.
  public sealed interface Gives {
    /// No body.
    record Nothing() implements Gives {}

    /// A JSON value of a type, of `element`s where the type is generic.
    record Json(Class<?> type, Optional<Class<?>> element) implements Gives {}

    /// Text of a media type.
    record Text(String mediaType) implements Gives {}

    /// Server-sent events.
    ///
    /// @param data what the data of each is
    record Events(Class<?> data) implements Gives {}
  }

  /// What runs when the route is called, on a virtual thread: it may block.
  @FunctionalInterface
  public interface Handler<B> {
    Response handle(Request<B> call);
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
    Matcher parameters = PARAMETER.matcher(path);
    while (parameters.find()) {
      named.add(parameters.group(1));
    }
    if (!declared.equals(named)) {
      throw new IllegalArgumentException(
          "%s %s names the path parameters %s but reads %s"
              .formatted(method, path, named, declared));
    }
    if (probe && reads.stream().anyMatch(parameter -> parameter.place() == Param.Place.QUERY)) {
      throw new IllegalArgumentException(
          "%s %s is a probe, whose query nobody reads".formatted(method, path));
    }
    if (agent.isPresent() && !reads.contains(agent.get().parameter())) {
      throw new IllegalArgumentException(
          "%s %s is for an agent that it does not read".formatted(method, path));
    }
  }

  /// What may go wrong in all: the route's own failures and those that the edge finds.
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

  private static Set<ProblemType> copyOf(Set<ProblemType> failures) {
    Set<ProblemType> copy = EnumSet.noneOf(ProblemType.class);
    copy.addAll(failures);
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

  /// A route that has yet to say who may call it.
  public record Draft(Method method, String path, String summary, Optional<Operation> operation) {

    /// Identifies and explains the route in the API description; see [Operation].
    public Draft operation(String id, String description) {
      return new Draft(method, path, summary, Optional.of(new Operation(id, description)));
    }

    public Signature<Void> needs(Scope scope) {
      return new Signature<>(this, scope, Optional.empty(), List.of(), Optional.empty(), false);
    }
  }

  /// A route that has yet to say what it answers.
  public record Signature<B>(
      Draft draft,
      Scope scope,
      Optional<AgentOfPath> agent,
      List<Param<?>> reads,
      Optional<Takes> body,
      boolean isProbe) {

    /// For one agent, which the path names: a grant for that agent alone is enough. The handler of
    /// a caller with no more than that is given the agent's id, not its name.
    ///
    /// @param idOf as [AgentOfPath] has it
    public Signature<B> forAgent(
        Param<IdOrName> agentOfPath, Function<IdOrName.Name, Optional<UUID>> idOf) {
      return new Signature<>(
          draft,
          scope,
          Optional.of(new AgentOfPath(agentOfPath, idOf)),
          reads(agentOfPath).reads(),
          body,
          isProbe);
    }

    public Signature<B> reads(Param<?>... parameters) {
      List<Param<?>> all = new ArrayList<>(reads);
      all.addAll(List.of(parameters));
      return new Signature<>(draft, scope, agent, List.copyOf(all), body, isProbe);
    }

    public <T> Signature<T> takes(Class<T> type) {
      return takes(type, 0);
    }

    /// A JSON body that may be larger than others.
    ///
    /// @param maxBytes that it may have
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

    /// A form.
    ///
    /// @param name of its schema in the API description
    /// @param maxBytes that it may have
    public Signature<Form> takesForm(String name, int maxBytes, Form.Field... fields) {
      return new Signature<>(
          draft,
          scope,
          agent,
          reads,
          Optional.of(new Takes.Form(name, List.of(fields), maxBytes)),
          isProbe);
    }

    /// Asked again and again by machines: see [Route#probe()].
    public Signature<B> probe() {
      return new Signature<>(draft, scope, agent, reads, body, true);
    }

    public Answered<B> gives(int status, Class<?> type, ProblemType... failures) {
      return new Answered<>(this, status, new Gives.Json(type, Optional.empty()), failures);
    }

    /// A success that carries a generic type of one argument, such as a page of providers.
    public Answered<B> gives(int status, Class<?> type, Class<?> element, ProblemType... failures) {
      return new Answered<>(this, status, new Gives.Json(type, Optional.of(element)), failures);
    }

    public Answered<B> givesText(int status, String mediaType, ProblemType... failures) {
      return new Answered<>(this, status, new Gives.Text(mediaType), failures);
    }

    /// A success that is a stream of server-sent events, each with a JSON value for its data.
    public Answered<B> givesEvents(int status, Class<?> data, ProblemType... failures) {
      return new Answered<>(this, status, new Gives.Events(data), failures);
    }

    public Answered<B> givesNothing(int status, ProblemType... failures) {
      return new Answered<>(this, status, new Gives.Nothing(), failures);
    }
  }

  /// A route that has yet to say who does the work.
  public static final class Answered<B> {
    private final Signature<B> signature;
    private final int status;
    private final Gives gives;
    private final Set<ProblemType> failures;

    private Answered(Signature<B> signature, int status, Gives gives, ProblemType... failures) {
      this.signature = signature;
      this.status = status;
      this.gives = gives;
      this.failures = copyOf(Set.of(failures));
    }

    public Route by(Handler<B> handler) {
      Draft draft = signature.draft();
      return new Route(
          draft.method(),
          draft.path(),
          draft.summary(),
          draft.operation(),
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
