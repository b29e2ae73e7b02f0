package dev.agentlab.audit;

import java.util.HexFormat;

/// A hash as it is printed: lower-case hexadecimal digits.
record Hash(String hex) {
  /// Before the first row there is none.
  static final Hash NONE = new Hash("00".repeat(32));

  static Hash of(byte[] bytes) {
    return new Hash(HexFormat.of().formatHex(bytes));
  }

  byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }
}
