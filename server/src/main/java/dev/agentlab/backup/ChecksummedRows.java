package dev.agentlab.backup;

import dev.agentlab.secrets.Sha256;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/// Counts and hashes rows in the text format of `COPY`, in which every row ends with the only
/// newline in it, and passes them on.
final class ChecksummedRows extends FilterOutputStream {
  private final MessageDigest digest = Sha256.digest();
  private long rows;

  /// @param out not closed with this stream
  ChecksummedRows(OutputStream out) {
    super(out);
  }

  long rows() {
    return rows;
  }

  /// The SHA-256 of all bytes in hexadecimal; to be called once.
  String sha256() {
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    out.write(bytes, offset, length);
    digest.update(bytes, offset, length);
    for (int index = offset; index < offset + length; index++) {
      if (bytes[index] == '\n') {
        rows++;
      }
    }
  }

  @Override
  public void close() throws IOException {
    flush();
  }
}
