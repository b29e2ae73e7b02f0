package dev.agentlab.modelclient.routes;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.Request;
import dev.agentlab.modelclient.CallLabels;
import dev.agentlab.net.PercentEncoding;
import dev.agentlab.security.Scope;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The header fields with the labels of a model call. Names are compared in lower case.
///
/// @param session the field with the session
/// @param tags the field with tags, such as `team=research,job=nightly%20run`
/// @param endUser the field with the end user
public record LabelHeaders(String session, String tags, String endUser) {
  /// Limits of the labels, in characters.
  public static final int MAX_TAGS = 16;

  public static final int MAX_TAG_NAME_LENGTH = 64;
  public static final int MAX_LABEL_LENGTH = 256;

  /// The field in which Claude Code sends its session.
  static final String CLAUDE_SESSION = "x-claude-code-session-id";

  public LabelHeaders {
    session = session.toLowerCase(Locale.ROOT);
    tags = tags.toLowerCase(Locale.ROOT);
    endUser = endUser.toLowerCase(Locale.ROOT);
  }

  /// A session that a client names.
  ///
  /// @param source the field or member that names it
  public record Session(String id, String source) {}

  /// The names of the fields of this service, which are not for a provider.
  public Set<String> names() {
    return Set.of(session, tags, endUser);
  }

  /// The labels that the header of a request has.
  ///
  /// @throws InvalidInputException if the tags are malformed
  public CallLabels read(Request<?> request) {
    Map<String, String> fields =
        request.headers(name ->
            name.equals(session)
                || name.equals(tags)
                || name.equals(endUser)
                || name.equals(CLAUDE_SESSION));
    return new CallLabels(
        request.id(),
        session(fields).map(Session::id),
        label(fields.get(endUser)).filter(_ -> mayNameEndUser(request)),
        parseTags(fields.getOrDefault(tags, "")));
  }

  /// The session that the header of a request names.
  public Optional<Session> session(Request<?> request) {
    return session(request.headers(name -> name.equals(session) || name.equals(CLAUDE_SESSION)));
  }

  /// The session that header fields name.
  ///
  /// @param fields by name in lower case
  public Optional<Session> session(Map<String, String> fields) {
    return label(fields.get(session))
        .map(it -> new Session(it, session))
        .or(() -> label(fields.get(CLAUDE_SESSION)).map(it -> new Session(it, CLAUDE_SESSION)));
  }

  /// Whether the caller may name the person for whom it makes a call.
  public static boolean mayNameEndUser(Request<?> request) {
    return request.caller().grants().allows(Scope.ON_BEHALF_OF);
  }

  /// The text of a label, cut to the limit; empty for a blank one.
  public static Optional<String> label(@Nullable String text) {
    return text(text, MAX_LABEL_LENGTH);
  }

  /// A text, cut to a limit; empty for a blank one.
  public static Optional<String> text(@Nullable String text, int maxLength) {
    return text == null || text.isBlank()
        ? Optional.empty()
        : Optional.of(cut(text.strip(), maxLength));
  }

  /// The beginning of a text.
  public static String cut(String text, int maxLength) {
    if (text.length() <= maxLength) {
      return text;
    }
    boolean splitsPair = Character.isHighSurrogate(text.charAt(maxLength - 1));
    return text.substring(0, splitsPair ? maxLength - 1 : maxLength);
  }

  private Map<String, String> parseTags(String text) {
    if (text.isBlank()) {
      return Map.of();
    }
    Map<String, String> parsed = new LinkedHashMap<>();
    for (int start = 0; start <= text.length(); ) {
      int comma = text.indexOf(',', start);
      int end = comma < 0 ? text.length() : comma;
      addTag(parsed, text.substring(start, end));
      start = end + 1;
    }
    if (parsed.size() > MAX_TAGS) {
      throw malformed();
    }
    return parsed;
  }

  private void addTag(Map<String, String> parsed, String item) {
    int equals = item.indexOf('=');
    String name = equals < 0 ? "" : decode(item.substring(0, equals).strip());
    String value = decode(item.substring(equals + 1).strip());
    if (name.isEmpty()
        || name.length() > MAX_TAG_NAME_LENGTH
        || value.length() > MAX_LABEL_LENGTH
        || parsed.put(name, value) != null) {
      throw malformed();
    }
  }

  private String decode(String text) {
    try {
      return PercentEncoding.decode(text);
    } catch (IllegalArgumentException _) {
      throw malformed();
    }
  }

  private InvalidInputException malformed() {
    return new InvalidInputException(
        tags,
        "must be at most %d different tags such as team=research,job=nightly%%20run, percent-encoded, with names of at most %d and values of at most %d characters"
            .formatted(MAX_TAGS, MAX_TAG_NAME_LENGTH, MAX_LABEL_LENGTH));
  }
}
