package dev.agentlab.security;

import dev.agentlab.json.SchemaDescription;
import java.util.List;

/// A caller, as the API returns it.
///
/// @param kind `key`, `token`, or `anyone` if authentication is disabled
public record CallerInfo(
    String kind,
    String id,
    String name,
    @SchemaDescription(
            "The scopes of the caller. An agent is given by its id, as in `invoke:<id>`.")
        List<String> scopes) {
  public CallerInfo {
    scopes = List.copyOf(scopes);
  }

  public static CallerInfo of(Caller caller) {
    return new CallerInfo(
        caller.kind().toString(), caller.id(), caller.name(), caller.grants().texts());
  }
}
