package dev.agentlab.calls;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.util.List;
import java.util.Optional;

/// A page of calls, the newest first.
///
/// @param next the cursor of the following page; empty if there is none
@SchemaName("CallPage")
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record CallPage(
    List<Call> data,
    @SchemaDescription("The value of `after` for the following page; absent on the last page.")
        Optional<String> next) {
  public CallPage {
    data = List.copyOf(data);
  }
}
