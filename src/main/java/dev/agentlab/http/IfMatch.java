package dev.agentlab.http;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/// The condition of an `If-Match` header (RFC 9110, 13.1.1): act only on one of these versions.
///
/// @param tags the strong tags accepted, quotes and all; empty for `*`, which accepts every version
public record IfMatch(List<String> tags) {
  private static final Pattern TAG = Pattern.compile("(W/)?\"[^\"]*\"");
  private static final Pattern LIST =
      Pattern.compile("(\\s*%1$s\\s*,)*\\s*%1$s\\s*,?".formatted(TAG));

  /// The header as routes read it.
  public static final Param<IfMatch> HEADER =
      Param.header(
          "If-Match",
          "The ETag the resource must still have; answers 412 when it has changed.",
          IfMatch::parse);

  public IfMatch {
    tags = List.copyOf(tags);
  }

  /// Whether a resource of this version may be acted on.
  public boolean accepts(long version) {
    return tags.isEmpty() || tags.contains(ETag.of(version));
  }

  /// The versions that a call may act on: every one, unless it says which.
  public static LongPredicate expected(Request<?> call) {
    return call.optional(HEADER).<LongPredicate>map(match -> match::accepts).orElse(_ -> true);
  }

  private static IfMatch parse(String text) {
    if (text.strip().equals("*")) {
      return new IfMatch(List.of());
    }
    if (!LIST.matches(text)) {
      throw new IllegalArgumentException("must be an ETag such as \"3\", a list of them, or *");
    }
    List<String> tags = new ArrayList<>();
    Matcher tag = TAG.matcher(text);
    while (tag.find()) {
      tags.add(tag.group());
    }
    return new IfMatch(tags);
  }
}
