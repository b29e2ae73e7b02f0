package dev.agentlab.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.secrets.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataKeyVerifierTest {
  private static final KeyEncryptionKey KEY = KeyEncryptionKey.random();
  private static final KeyEncryptionKey OTHER = KeyEncryptionKey.random();
  private static final UUID ID = UUID.randomUUID();

  @TempDir private Path folder;

  private static DataKeyVerifier configured(KeyEncryptionKey key, KeyEncryptionKey... previous) {
    return new DataKeyVerifier(
        new KeyEncryptionKeySource.Configured(
            Secret.of(key.base64()),
            List.of(previous).stream().map(it -> Secret.of(it.base64())).toList()),
        "the backup");
  }

  private static void verify(DataKeyVerifier verifier, String table) {
    byte[] wrapped = KEY.wrap(AesGcm.randomKey(), new DataKeyOwner("providers", ID));
    verifier.requireUnwrappable(table, ID, KEY.id(), wrapped);
  }

  @Test
  void dataKeyOfPresentOrPreviousKeyIsAccepted() {
    assertThatCode(() -> verify(configured(KEY), "providers")).doesNotThrowAnyException();
    assertThatCode(() -> verify(configured(OTHER, KEY), "providers")).doesNotThrowAnyException();
    assertThatCode(() -> configured(OTHER, KEY).requireAvailable(List.of(KEY.id(), OTHER.id())))
        .doesNotThrowAnyException();
  }

  @Test
  void missingKeyIsReportedById() {
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> verify(configured(OTHER), "providers"))
        .withMessageContaining("the secrets in the backup")
        .withMessageContaining(KEY.id())
        .withMessageContaining("has " + OTHER.id())
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain(KEY.base64(), OTHER.base64()));
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> configured(OTHER).requireAvailable(List.of(OTHER.id(), KEY.id())))
        .withMessageContaining(KEY.id());
  }

  @Test
  void missingKeyFileIsNotCreated() {
    Path file = folder.resolve("master.key");
    DataKeyVerifier verifier =
        new DataKeyVerifier(new KeyEncryptionKeySource.KeyFile(file), "the backup");
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> verify(verifier, "providers"))
        .withMessageContaining("has no key (%s)".formatted(file))
        .withMessageContaining("restore the file");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void dataKeyOfOtherRowIsRejected() {
    assertThatExceptionOfType(VaultException.class)
        .isThrownBy(() -> verify(configured(KEY), "agents"))
        .withMessageContaining("the data key of agents %s in the backup".formatted(ID));
  }
}
