package dev.agentlab.vault;

import java.util.UUID;

/// Creates row ciphers with random data keys, which are not stored.
public final class TestRowCipher {
  private TestRowCipher() {}

  public static RowCipher random(String table, UUID id) {
    return new RowCipher(new DataKeyOwner(table, id), AesGcm.randomKey());
  }
}
