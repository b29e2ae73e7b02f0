package dev.agentlab.gateway;

import dev.agentlab.errors.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds the field `model` of a `multipart/form-data` body (RFC 7578) that arrives in pieces, and
/// replaces its value. All other bytes stay as they are.
///
/// What several parsers might read differently is rejected, because the provider must not find
/// another model than the one that was authorized: a second field `model`, a boundary after a bare
/// line feed, text before or after the parts, ambiguous headers. Not thread-safe.
final class MultipartScanner {
  /// Maximum number of bytes before the end of the field `model`, which are held back.
  static final int MAX_HELD_BYTES = 1 << 20;

  private static final int MAX_PART_HEAD_BYTES = 8 << 10;
  private static final int MAX_MODEL_BYTES = 1 << 10;
  private static final byte[] BLANK_LINE = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /// What is expected at [#at].
  private enum State {
    /// The boundary at the start of the body.
    OPENING,
    /// The rest of the line of a boundary.
    BOUNDARY,
    /// The head of a part.
    HEAD,
    /// The content of a part.
    CONTENT,
    /// Nothing.
    CLOSED
  }

  /// `--` and the boundary.
  private final byte[] delimiter;

  /// The bytes that have not been taken, up to [#end].
  private byte[] window = new byte[4 << 10];

  private int end;
  private State state = State.OPENING;

  /// The index of the first byte that has not been scanned.
  private int at;

  /// The start of the content of the current part; negative once that is taken.
  private int contentStart;

  private boolean inModel;
  private int modelEnd;
  private int modelStart;
  private @Nullable String model;
  private boolean replaced;

  /// @param boundary of the media type
  MultipartScanner(String boundary) {
    this.delimiter = ("--" + boundary).getBytes(StandardCharsets.US_ASCII);
  }

  /// Adds the next piece of the body.
  ///
  /// @throws InvalidInputException if the body is invalid, or the field `model` is missing in its
  ///   first [#MAX_HELD_BYTES]
  void add(byte[] piece) {
    if (window.length - end < piece.length) {
      window = Arrays.copyOf(window, Math.max(2 * window.length, end + piece.length));
    }
    System.arraycopy(piece, 0, window, end, piece.length);
    end += piece.length;
    while (scan()) {}
    if (model == null && end > MAX_HELD_BYTES) {
      throw new InvalidInputException(
          "model", "must come before the files, within the first 1 MiB of the form");
    }
  }

  /// The value of the field `model`, once it has arrived.
  Optional<String> model() {
    return Optional.ofNullable(model);
  }

  /// Replaces the value of the field, and allows [#take].
  ///
  /// @return the number of bytes by which the body becomes longer
  int replaceModel(String name) {
    byte[] value = name.getBytes(StandardCharsets.UTF_8);
    int growth = value.length - (modelEnd - modelStart);
    byte[] changed = new byte[end + growth];
    System.arraycopy(window, 0, changed, 0, modelStart);
    System.arraycopy(value, 0, changed, modelStart, value.length);
    System.arraycopy(window, modelEnd, changed, modelStart + value.length, end - modelEnd);
    window = changed;
    end += growth;
    at += growth;
    contentStart += growth;
    replaced = true;
    return growth;
  }

  /// Removes and returns the bytes that cannot belong to a boundary any more.
  ///
  /// @throws IllegalStateException before [#replaceModel]
  byte[] take() {
    if (!replaced) {
      throw new IllegalStateException("the model is not replaced");
    }
    // The two bytes before the next one to scan may be the line end of a boundary.
    int length = state == State.CLOSED ? end : Math.max(0, at - 2);
    byte[] taken = Arrays.copyOf(window, length);
    System.arraycopy(window, length, window, 0, end - length);
    end -= length;
    at -= length;
    contentStart -= length;
    return taken;
  }

  /// Whether all bytes have been taken.
  boolean isTaken() {
    return end == 0;
  }

  /// Requires that the body is complete.
  ///
  /// @throws InvalidInputException if it is not
  void requireEnd() {
    if (state != State.CLOSED) {
      throw malformed("must end with the boundary and --");
    }
    if (model == null) {
      throw new InvalidInputException("model", "is required: the name of a model of a provider");
    }
  }

  /// @return whether to scan on
  private boolean scan() {
    return switch (state) {
      case OPENING -> scanOpening();
      case BOUNDARY -> scanBoundary();
      case HEAD -> scanHead();
      case CONTENT -> scanContent();
      case CLOSED -> scanEpilogue();
    };
  }

  private boolean scanOpening() {
    if (end < delimiter.length) {
      return false;
    }
    if (!Arrays.equals(window, 0, delimiter.length, delimiter, 0, delimiter.length)) {
      throw malformed("must begin with the boundary of the Content-Type");
    }
    at = delimiter.length;
    state = State.BOUNDARY;
    return true;
  }

  private boolean scanBoundary() {
    if (end - at < 2) {
      return false;
    }
    if (window[at] == '\r' && window[at + 1] == '\n') {
      state = State.HEAD;
    } else if (window[at] == '-' && window[at + 1] == '-') {
      state = State.CLOSED;
    } else {
      throw malformed("must have a line end or -- after each boundary");
    }
    at += 2;
    return true;
  }

  private boolean scanHead() {
    int blankLine = indexOf(BLANK_LINE, at);
    if ((blankLine < 0 ? end : blankLine) - at > MAX_PART_HEAD_BYTES) {
      throw malformed("must have at most 8 KiB of headers in each part");
    }
    if (blankLine < 0) {
      return false;
    }
    inModel = isModel(new String(window, at, blankLine - at, StandardCharsets.ISO_8859_1));
    if (inModel && model != null) {
      throw new InvalidInputException("model", "must not be given more than once");
    }
    at = blankLine + BLANK_LINE.length;
    contentStart = at;
    state = State.CONTENT;
    return true;
  }

  private boolean scanContent() {
    int found = indexOf(delimiter, at);
    if (inModel && (found < 0 ? end - delimiter.length : found) - contentStart > MAX_MODEL_BYTES) {
      throw new InvalidInputException("model", "must have at most 1024 bytes");
    }
    if (found < 0) {
      at = Math.max(at, end - delimiter.length + 1);
      return false;
    }
    if (window[found - 1] != '\n' && window[found - 1] != '\r') {
      at = found + 1;
      return true;
    }
    if (found - 2 < contentStart || window[found - 2] != '\r' || window[found - 1] != '\n') {
      throw malformed("must have a carriage return and a line feed before each boundary");
    }
    if (inModel) {
      modelStart = contentStart;
      modelEnd = found - 2;
      model = modelName();
      inModel = false;
    }
    at = found + delimiter.length;
    state = State.BOUNDARY;
    return true;
  }

  private String modelName() {
    byte[] value = Arrays.copyOfRange(window, modelStart, modelEnd);
    String name = new String(value, StandardCharsets.UTF_8);
    if (!Arrays.equals(name.getBytes(StandardCharsets.UTF_8), value)
        || name.isEmpty()
        || name.chars().anyMatch(Character::isISOControl)) {
      throw new InvalidInputException("model", "must be a name in UTF-8 on one line");
    }
    return name;
  }

  private boolean scanEpilogue() {
    for (; at < end; at++) {
      if (window[at] != '\r' && window[at] != '\n') {
        throw malformed("must end after the last boundary");
      }
    }
    return false;
  }

  /// Reads the head of a part.
  private static boolean isModel(String head) {
    Optional<HeaderParameters> disposition = Optional.empty();
    boolean isEncoded = false;
    int from = 0;
    while (from < head.length()) {
      int lineEnd = head.indexOf("\r\n", from);
      String line = head.substring(from, lineEnd < 0 ? head.length() : lineEnd);
      from = lineEnd < 0 ? head.length() : lineEnd + 2;
      int colon = line.indexOf(':');
      if (colon <= 0
          || line.charAt(0) <= ' '
          || line.indexOf('\r') >= 0
          || line.indexOf('\n') >= 0) {
        throw malformed("must have headers of the form name: value in each part");
      }
      String name = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
      String value = line.substring(colon + 1).strip();
      if (name.equals("content-disposition")) {
        if (disposition.isPresent()) {
          throw malformed("must have one Content-Disposition in each part");
        }
        disposition = Optional.of(parseDisposition(value));
      }
      isEncoded |= name.equals("content-transfer-encoding") && !isIdentity(value);
    }
    HeaderParameters found =
        disposition.orElseThrow(() -> malformed("must have a Content-Disposition in each part"));
    return isModel(found, isEncoded);
  }

  private static HeaderParameters parseDisposition(String value) {
    try {
      return HeaderParameters.parse(value);
    } catch (IllegalArgumentException e) {
      throw malformed("Content-Disposition " + e.getMessage());
    }
  }

  private static boolean isModel(HeaderParameters disposition, boolean isEncoded) {
    String name = disposition.parameters().get("name");
    if (!disposition.value().equals("form-data")
        || name == null
        || disposition.parameters().containsKey("name*")) {
      throw malformed("Content-Disposition must be form-data with a name");
    }
    if (!name.equals("model")) {
      String folded = name.strip().toLowerCase(Locale.ROOT);
      if (folded.equals("model") || folded.startsWith("model[")) {
        throw malformed("must name the field model exactly so");
      }
      return false;
    }
    if (isEncoded
        || disposition.parameters().containsKey("filename")
        || disposition.parameters().containsKey("filename*")) {
      throw new InvalidInputException("model", "must be a text field, not a file and not encoded");
    }
    return true;
  }

  private static boolean isIdentity(String encoding) {
    return switch (encoding.toLowerCase(Locale.ROOT)) {
      case "7bit", "8bit", "binary" -> true;
      default -> false;
    };
  }

  private int indexOf(byte[] wanted, int from) {
    for (int i = from; i <= end - wanted.length; i++) {
      if (window[i] == wanted[0]
          && Arrays.equals(window, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    return -1;
  }

  private static InvalidInputException malformed(String message) {
    return new InvalidInputException("body", "multipart/form-data " + message);
  }
}
