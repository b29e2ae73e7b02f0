package dev.agentlab.http;

import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.security.Caller;
import io.vertx.core.MultiMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// A request with its matched route.
///
/// @param pathValues the values of the path parameters, in path order
/// @param content the body, if the route accepts one
/// @param service the origin of the service
/// @param memory the reservation of the request
/// @param clientDisconnect reports the disconnect of the client or the end of its API key
/// @param logFields the fields of the access log line of the request
record RoutedRequest(
    Endpoint endpoint,
    List<String> pathValues,
    Map<String, List<String>> query,
    RequestHead head,
    Optional<Object> content,
    Optional<RequestCredential> credential,
    Caller caller,
    ServiceOrigin service,
    String id,
    EventLoop loop,
    MemoryBudget.Reservation memory,
    RequestCancellation clientDisconnect,
    LogFields logFields)
    implements Request<Object> {

  /// Adds the errors of the parameters, so that a handler receives valid ones only.
  void check(FieldErrors errors) {
    for (Param<?> parameter : endpoint.route().parameters()) {
      var _ =
          errors.collect(
              () -> parameter.location() == Param.Location.PATH ? path(parameter) : all(parameter));
    }
  }

  @Override
  public Object body() {
    return content.orElseThrow(
        () -> new IllegalStateException(endpoint.template() + " accepts no body"));
  }

  @Override
  public <T> T path(Param<T> parameter) {
    requireDeclared(parameter, parameter.location() == Param.Location.PATH);
    return parameter.read(pathValues.get(endpoint.pathNames().indexOf(parameter.name())));
  }

  @Override
  public <T> Optional<T> optional(Param<T> parameter) {
    return all(parameter).stream().findFirst();
  }

  @Override
  public <T> List<T> all(Param<T> parameter) {
    requireDeclared(parameter, parameter.location() != Param.Location.PATH);
    List<String> texts =
        parameter.location() == Param.Location.QUERY
            ? query.getOrDefault(parameter.name(), List.of())
            : header(parameter.name()).stream().toList();
    return texts.stream().map(parameter::read).toList();
  }

  @Override
  public String method() {
    return head.request().method().name();
  }

  @Override
  public String rawPath() {
    return head.path();
  }

  @Override
  public String rawQuery() {
    return head.query();
  }

  private MultiMap headers() {
    return head.request().headers();
  }

  @Override
  public Map<String, String> headers(Predicate<String> isWanted) {
    Map<String, String> wanted = new LinkedHashMap<>();
    headers()
        .forEach((name, value) -> {
          String lowerCase = name.toLowerCase(Locale.ROOT);
          if (isWanted.test(lowerCase)) {
            wanted.merge(lowerCase, value, (first, second) -> first + ", " + second);
          }
        });
    return wanted;
  }

  @Override
  public String origin() {
    return service.of(head.request());
  }

  @Override
  public HostCookie cookie(String name) {
    return head.cookie(name, service);
  }

  @Override
  public void reserveMemory(long bytes) {
    BodyFormat.reserve(memory, bytes);
  }

  @Override
  public void onCancel(Runnable action) {
    clientDisconnect.register(action);
  }

  private Optional<String> header(String name) {
    List<String> values = headers().getAll(name);
    if (values.size() > 1) {
      throw new InvalidInputException(name, "must not be given more than once");
    }
    return values.stream().findFirst();
  }

  private void requireDeclared(Param<?> parameter, boolean isPlaceValid) {
    if (!isPlaceValid || !endpoint.route().parameters().contains(parameter)) {
      throw new IllegalStateException(
          "%s does not declare the parameter %s at this location"
              .formatted(endpoint.template(), parameter.name()));
    }
  }
}
