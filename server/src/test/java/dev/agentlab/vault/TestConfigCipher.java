package dev.agentlab.vault;

import dev.agentlab.kinds.ProviderConfig;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/// Encrypts configurations with the data key of a row that is not stored.
public final class TestConfigCipher {
  private final ConfigCipher cipher =
      new ConfigCipher(TestRowCipher.random("providers", UUID.randomUUID()));

  public ProviderConfig encrypt(ProviderConfig config, List<ProviderConfig> before, Instant at) {
    return cipher.encrypt(config, before, at);
  }

  public ProviderConfig decrypt(ProviderConfig stored) {
    return cipher.decrypt(stored);
  }
}
