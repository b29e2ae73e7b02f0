package dev.agentlab.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.security.GrantSet;
import dev.agentlab.security.GrantableScopes;
import dev.agentlab.security.Scope;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SignedKeyFieldsTest {
  private static final Optional<Instant> NEVER = Optional.empty();
  private static final Instant DAY = Instant.parse("2026-01-01T00:00:00Z");
  private static final UUID ID = new UUID(1, 2);
  private static final KeyType KEY = KeyType.KEY;

  private static SignedKeyFields fields(
      Optional<SignedKeyFields.Previous> previous,
      List<String> scopes,
      Optional<Instant> expires,
      Optional<Instant> revoked) {
    return new SignedKeyFields(
        ID, KEY, "k", new byte[] {1}, previous, scopes, expires, revoked, Optional.empty());
  }

  private static SignedKeyFields named(UUID id, KeyType type, String keyId, int... hash) {
    byte[] bytes = new byte[hash.length];
    for (int i = 0; i < hash.length; i++) {
      bytes[i] = (byte) hash[i];
    }
    return new SignedKeyFields(
        id, type, keyId, bytes, Optional.empty(), List.of("a"), NEVER, NEVER, Optional.empty());
  }

  private static SignedKeyFields owned(String owner) {
    return new SignedKeyFields(
        ID,
        KEY,
        "k",
        new byte[] {1},
        Optional.empty(),
        List.of("a"),
        NEVER,
        NEVER,
        Optional.of(new KeyOwner(owner)));
  }

  private static Optional<SignedKeyFields.Previous> previous(int hash, Instant end) {
    return Optional.of(new SignedKeyFields.Previous(new byte[] {(byte) hash}, end));
  }

  @Test
  void differentFieldsHaveDifferentEncodings() {
    Optional<SignedKeyFields.Previous> none = Optional.empty();
    List<SignedKeyFields> all =
        List.of(
            named(ID, KEY, "k", 1),
            owned("key:a"),
            owned("key:b"),
            named(new UUID(1, 3), KEY, "k", 1),
            named(ID, KeyType.ADMIN, "k", 1),
            named(ID, KEY, "k\0", 1),
            named(ID, KEY, "k", 1, 0),
            named(ID, KEY, "k"),
            fields(previous(1, DAY), List.of("a"), NEVER, NEVER),
            fields(previous(2, DAY), List.of("a"), NEVER, NEVER),
            fields(previous(1, DAY.plusNanos(1_000)), List.of("a"), NEVER, NEVER),
            fields(none, List.of(), NEVER, NEVER),
            fields(none, List.of(""), NEVER, NEVER),
            fields(none, List.of("a", "b"), NEVER, NEVER),
            fields(none, List.of("b", "a"), NEVER, NEVER),
            fields(none, List.of("ab"), NEVER, NEVER),
            fields(none, List.of("a,b"), NEVER, NEVER),
            fields(none, List.of("a"), Optional.of(DAY), NEVER),
            fields(none, List.of("a"), NEVER, Optional.of(DAY)),
            fields(none, List.of("a"), Optional.of(DAY), Optional.of(DAY)),
            fields(none, List.of("a"), Optional.of(DAY.plusNanos(1_000)), NEVER),
            fields(none, List.of("a"), Optional.of(DAY.plusSeconds(1)), NEVER));

    assertThat(all.stream().map(it -> HexFormat.of().formatHex(it.encoded())))
        .doesNotHaveDuplicates();
  }

  /// Keys of earlier releases have no owner.
  @Test
  void encodingOfAKeyWithoutAnOwnerIsUnchanged() {
    assertThat(HexFormat.of().formatHex(named(ID, KEY, "k", 1).encoded()))
        .isEqualTo(
            "000000136167656e742d6c6162206b657920726f7720310000002430303030303030302d303030302d303030312d303030302d303030303030303030303032000000036b6579000000016b000000010100000000000000000100000001610000");
  }

  @Test
  void grantsAreReadFromStoredScopesAndUnknownOnesAreIgnored() {
    GrantableScopes known = new GrantableScopes(List.of(Scope.INVOKE, Scope.PROXY));
    List<String> scopes =
        List.of(
            "invoke:" + ID, "invoke:model/a%2Fb/c/*", "invoke:provider/a b", "proxy", "proxy:ä");
    GrantSet grants = fields(Optional.empty(), scopes, NEVER, NEVER).grants(known);

    assertThat(grants.texts()).isEqualTo(scopes);
    SignedKeyFields stored =
        SignedKeyFields.create(
            ID, ApiKeyToken.random(KEY), new byte[] {1}, grants, NEVER, Optional.empty());
    assertThat(stored.scopes()).isEqualTo(scopes);
    assertThat(
            fields(Optional.empty(), List.of("invoke:team/x", "later:read", "proxy"), NEVER, NEVER)
                .grants(known)
                .texts())
        .containsExactly("proxy");
  }
}
