package dev.agentlab.vault;

import java.util.UUID;

/// Keys of rows that are stored nowhere.
public final class TestRowKey {
  private TestRowKey() {}

  public static RowCipher random(String table, UUID id) {
    return new RowCipher(new DataKeyOwner(table, id), AesGcm.randomKey());
  }
}
