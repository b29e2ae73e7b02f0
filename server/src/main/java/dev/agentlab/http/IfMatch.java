package dev.agentlab.http;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/// The precondition of an `If-Match` header (RFC 9110, section 13.1.1).
///
/// @param tags the accepted strong entity tags including quotes; empty for `*`, which accepts every
///   version
public record IfMatch(List<String> tags) {
  private static final Pattern TAG = Pattern.compile("(W/)?\"[^\"]*\"");
  private static final Pattern LIST =
      Pattern.compile("(\\s*%1$s\\s*,)*\\s*%1$s\\s*,?".formatted(TAG));

  /// The `If-Match` header parameter.
  public static final Param<IfMatch> HEADER =
      Param.header(
          "If-Match",
          "The ETag that the resource must have; the response is 412 if the resource has changed.",
          IfMatch::parse);

  public IfMatch {
    tags = List.copyOf(tags);
  }

  /// Whether a resource version satisfies the precondition.
  public boolean accepts(long version) {
    return tags.isEmpty() || tags.contains(ETag.of(version));
  }

  /// The resource versions that satisfy the precondition of a request; all if it has none.
  public static LongPredicate expected(Request<?> request) {
    return request.optional(HEADER).<LongPredicate>map(match -> match::accepts).orElse(_ -> true);
  }

  private static IfMatch parse(String text) {
    if (text.strip().equals("*")) {
      return new IfMatch(List.of());
    }
    if (!LIST.matches(text)) {
      throw new IllegalArgumentException(
          "must be an ETag such as \"3\", a comma-separated list of ETags, or *");
    }
    List<String> tags = new ArrayList<>();
    Matcher tag = TAG.matcher(text);
    while (tag.find()) {
      tags.add(tag.group());
    }
    return new IfMatch(tags);
  }
}
