package dev.agentlab.memory;

/// Estimates the memory for processing JSON, from its bytes and before a tree is built. Small
/// values take many times the memory of their text.
public final class JsonFootprint {
  /// Bytes per value or member name in a tree. Measured: 39 for `{}`, 54 for a number with a
  /// fraction or for a member of an object.
  private static final int BYTES_PER_NODE = 64;

  /// Number of trees per text: a request or response is translated into another one.
  private static final int TREES_PER_TEXT = 2;

  /// Number of copies of the text: the received bytes, the strings of a tree, the written bytes,
  /// and the buffers in between.
  private static final int COPIES_PER_TEXT = 4;

  private JsonFootprint() {}

  /// The memory for processing a JSON text, in bytes, including the text.
  public static long of(byte[] json) {
    return ofText(json.length) + ofTrees(countNodes(json));
  }

  /// The memory for processing that many bytes of other content, such as an image.
  public static long ofText(long bytes) {
    return COPIES_PER_TEXT * bytes;
  }

  /// The memory of all trees with that many nodes, without the text of strings.
  public static long ofTrees(int nodes) {
    return TREES_PER_TEXT * ofTree(nodes);
  }

  /// The memory of one tree with that many nodes, without the text of strings.
  public static long ofTree(int nodes) {
    return (long) nodes * BYTES_PER_NODE;
  }

  /// The number of values and member names in a JSON text, or slightly more. For malformed JSON, at
  /// least the number before the error.
  public static int countNodes(byte[] json) {
    int nodes = 1;
    boolean quoted = false;
    for (int i = 0; i < json.length; i++) {
      switch (json[i]) {
        case '"' -> quoted = !quoted;
        case '\\' -> i++;
        case '{', '[', ',', ':' -> nodes += quoted ? 0 : 1;
        default -> {}
      }
    }
    return nodes;
  }
}
