package dev.agentlab.http;

import dev.agentlab.security.Scope;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;

/// Routes that read parameters of every kind and answer with what they read.
final class Things {
  static final Param<UUID> ID = Param.id("Which.");
  static final Param<Long> PAGE = Param.queryInteger("page", "Which page.");
  private static final Param<String> NAME = Param.queryText("name", "Which name.");
  private static final Param<String> MATCH =
      Param.header("If-Match", "Which version.", text -> text);

  private Things() {}

  static Route list() {
    return Route.get("/things", "List")
        .needs(Scope.OPEN)
        .reads(PAGE, NAME, MATCH)
        .gives(200, Map.class)
        .by(call ->
            Response.ok(
                Map.of(
                    "page", call.optional(PAGE).orElse(0L),
                    "name", call.optional(NAME).orElse("none"),
                    "match", call.optional(MATCH).orElse("none"))));
  }

  /// The last event of a stream whose caller's key has ended.
  static byte[] lastEvent(String detail) {
    return "event: error\ndata: %s\n\n".formatted(detail).getBytes(StandardCharsets.UTF_8);
  }

  static Route one() {
    return Route.get("/things/{id}", "One")
        .needs(Scope.OPEN)
        .reads(ID)
        .gives(200, Map.class)
        .by(call -> Response.ok(Map.of("id", call.path(ID))));
  }
}
