package dev.agentlab.modelclient.routes;

import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.ModelResult;
import dev.agentlab.net.PercentEncoding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The header fields of a response that name what a model call used: `Agent-Lab-Provider`,
/// `-Model`, `-Attempts` and `-Warnings`, and for a route `-Route`, `-Route-Revision` and
/// `-Target`.
public final class ResultHeaders {
  private static final int MAX_WARNINGS_LENGTH = 2_000;

  private ResultHeaders() {}

  /// The header fields of a result of a plan.
  public static Map<String, String> of(CallPlan plan, ModelResult result) {
    Map<String, String> headers = new LinkedHashMap<>();
    addTo(headers, plan, result);
    return headers;
  }

  /// Adds the header fields of a result of a plan.
  public static void addTo(Map<String, String> headers, CallPlan plan, ModelResult result) {
    addTo(headers, result.target(), result.attempts());
    if (plan.route().isPresent()) {
      addRouteTo(headers, plan);
      headers.put("Agent-Lab-Target", encode(result.planned().name()));
    }
    if (!result.warnings().isEmpty()) {
      headers.put("Agent-Lab-Warnings", joinWarnings(result.warnings()));
    }
  }

  /// Adds the header fields of a call, also of one that failed. A forwarded request may name no
  /// model.
  public static void addTo(Map<String, String> headers, CallTarget target, int attempts) {
    headers.put("Agent-Lab-Provider", encode(target.provider()));
    if (!target.model().isEmpty()) {
      headers.put("Agent-Lab-Model", encode(target.model()));
    }
    addAttemptsTo(headers, attempts);
  }

  /// Adds the header fields of the route of a plan, if it has one.
  public static void addRouteTo(Map<String, String> headers, CallPlan plan) {
    plan.route()
        .ifPresent(route -> {
          headers.put("Agent-Lab-Route", encode(route.name()));
          headers.put("Agent-Lab-Route-Revision", Long.toString(route.revision()));
        });
  }

  /// Adds the number of attempts of a call that had no target.
  public static void addAttemptsTo(Map<String, String> headers, int attempts) {
    headers.put("Agent-Lab-Attempts", Integer.toString(attempts));
  }

  /// Joins as many warnings as fit into a header field that common clients and proxies accept, and
  /// appends the number of the others.
  static String joinWarnings(List<String> warnings) {
    StringBuilder joined = new StringBuilder();
    for (int i = 0; i < warnings.size(); i++) {
      String next = encode(warnings.get(i));
      if (joined.length() + next.length() > MAX_WARNINGS_LENGTH) {
        return "%s(%d more)".formatted(joined, warnings.size() - i);
      }
      joined.append(next).append(i + 1 < warnings.size() ? " " : "");
    }
    return joined.toString();
  }

  /// Percent-encodes `%` and everything but printable ASCII for a header field.
  public static String encode(String text) {
    return text.chars().allMatch(ResultHeaders::isPlain) ? text : encodeOthers(text);
  }

  private static boolean isPlain(int c) {
    return c >= ' ' && c <= '~' && c != '%';
  }

  private static String encodeOthers(String text) {
    StringBuilder encoded = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          if (isPlain(c)) {
            encoded.appendCodePoint(c);
          } else {
            encoded.append(PercentEncoding.encode(Character.toString(c)));
          }
        });
    return encoded.toString();
  }
}
