package dev.agentlab.calls;

import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;

/// A file of a journal. Frames are appended to the last one only.
///
/// @param length the bytes that are written
/// @param isComplete whether no frame is appended any more
record JournalSegment(long number, Path file, long length, boolean isComplete) {
  private static final String SUFFIX = ".journal";
  private static final int DIGITS = 12;

  /// The name of the file of a segment.
  static String fileName(long number) {
    return String.format(Locale.ROOT, "%0" + DIGITS + "d%s", number, SUFFIX);
  }

  /// The number of the segment in a file; empty for another file.
  static OptionalLong numberOf(Path file) {
    String name = file.getFileName().toString();
    String digits = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : "";
    return digits.length() == DIGITS && digits.chars().allMatch(c -> c >= '0' && c <= '9')
        ? OptionalLong.of(Long.parseLong(digits))
        : OptionalLong.empty();
  }
}
