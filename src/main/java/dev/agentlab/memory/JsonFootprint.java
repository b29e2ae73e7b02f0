package dev.agentlab.memory;

/// An estimate of the memory that JSON takes while it is handled, made from its bytes before a tree
/// is built: small values take many times the memory of their text.
public final class JsonFootprint {
  /// What a value or a name takes in a tree, in bytes. Measured: 39 for `{}`, 54 for a number with
  /// a fraction or an object's member.
  private static final int NODE_BYTES = 64;

  /// How many trees there are of one text: a request or response is translated into another.
  private static final int TREES = 2;

  /// How many copies there are of the text itself: as received, as strings of a tree, as written,
  /// and the buffers in between.
  private static final int COPIES = 4;

  private JsonFootprint() {}

  /// The memory that handling a JSON text takes, in bytes, the text included.
  public static long of(byte[] json) {
    return ofText(json.length) + ofTrees(nodes(json));
  }

  /// The memory that handling so many bytes takes when they are not JSON, such as an image.
  public static long ofText(int bytes) {
    return (long) COPIES * bytes;
  }

  /// The memory of the trees that are made of so many nodes, without the text of strings.
  public static long ofTrees(int nodes) {
    return TREES * ofTree(nodes);
  }

  /// The memory of one tree of so many nodes, without the text of strings.
  public static long ofTree(int nodes) {
    return (long) nodes * NODE_BYTES;
  }

  /// The number of values and member names in a JSON text, or somewhat more. For malformed JSON, at
  /// least as many as precede the fault.
  public static int nodes(byte[] json) {
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
