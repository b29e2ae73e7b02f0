package dev.agentlab.calls;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.modelclient.CallRecord;
import dev.agentlab.modelclient.ModelCallException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// How a model call ended.
public enum CallStatus {
  /// With a complete response.
  OK,
  /// Without a complete response.
  FAILED,
  /// The client disconnected, or its credential ended.
  CANCELLED;

  static CallStatus of(CallRecord call) {
    return call.failure()
        .map(it ->
            it instanceof ModelCallException e && e.kind() == ModelCallException.Kind.CANCELLED
                ? CANCELLED
                : FAILED)
        .orElse(OK);
  }

  /// The texts of all values.
  static List<String> texts() {
    return Arrays.stream(values()).map(CallStatus::toString).toList();
  }

  static CallStatus parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  @JsonValue
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
