package dev.agentlab.vault;

import java.util.UUID;

/// Keys of rows that are stored nowhere.
public final class TestRowKey {
  private TestRowKey() {}

  public static RowKey random(String table, UUID id) {
    return new RowKey(new DataKeyOwner(table, id), Aead.randomKey());
  }
}
