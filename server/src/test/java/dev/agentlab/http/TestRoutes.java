package dev.agentlab.http;

import dev.agentlab.security.Scope;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;

/// Test routes that read parameters of every kind and return them.
final class TestRoutes {
  static final Param<UUID> ID = Param.id("Which.");
  static final Param<Long> PAGE = Param.queryInteger("page", "Which page.");
  private static final Param<String> NAME = Param.queryText("name", "Which name.");
  private static final Param<String> MATCH =
      Param.header("If-Match", "Which version.", text -> text);

  private TestRoutes() {}

  static Route list() {
    return Route.get("/things", "List")
        .requires(Scope.PUBLIC)
        .parameters(PAGE, NAME, MATCH)
        .returns(200, Map.class)
        .handledBy(request ->
            Response.ok(
                Map.of(
                    "page", request.optional(PAGE).orElse(0L),
                    "name", request.optional(NAME).orElse("none"),
                    "match", request.optional(MATCH).orElse("none"))));
  }

  /// The last event of a stream whose API key was revoked or has expired.
  static byte[] lastEvent(String detail) {
    return "event: error\ndata: %s\n\n".formatted(detail).getBytes(StandardCharsets.UTF_8);
  }

  static Route one() {
    return Route.get("/things/{id}", "One")
        .requires(Scope.PUBLIC)
        .parameters(ID)
        .returns(200, Map.class)
        .handledBy(request -> Response.ok(Map.of("id", request.path(ID))));
  }
}
