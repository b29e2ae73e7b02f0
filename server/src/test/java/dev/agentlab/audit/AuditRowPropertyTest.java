package dev.agentlab.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class AuditRowPropertyTest {

  /// An encoding that can be decoded is injective.
  @Property(tries = 5_000)
  void encodedRowCanBeDecoded(@ForAll("rows") AuditRow row) {
    assertThat(decoded(row.encoded())).isEqualTo(row);
  }

  @Property(tries = 5_000)
  void differentRowsHaveDifferentEncodings(
      @ForAll("rows") AuditRow one, @ForAll("rows") AuditRow other) {
    assertThat(Arrays.equals(one.encoded(), other.encoded())).isEqualTo(one.equals(other));
  }

  @Property(tries = 1_000)
  void hashesForDifferentPurposesDiffer(@ForAll("rows") AuditRow row) {
    AuditHasher hashes = new AuditHasher(TestTrail.key("k"));
    AuditHash unchained = hashes.of(new UnchainedRow(new UUID(0, row.seq()), row.change()));
    assertThat(Set.of(hashes.of(row), hashes.macOfHead(row.seq(), hashes.of(row)), unchained))
        .hasSize(3);
  }

  private static AuditRow decoded(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    assertThat(text(in)).isEqualTo("agent-lab audit row 1");
    AuditRow row = new AuditRow(in.getLong(), change(in), AuditHash.of(bytes(in)));
    assertThat(in.hasRemaining()).isFalse();
    return row;
  }

  private static HashedAuditFields change(ByteBuffer in) {
    return new HashedAuditFields(
        Instant.ofEpochSecond(in.getLong(), in.getLong()),
        text(in),
        text(in),
        text(in),
        optional(in),
        optional(in),
        text(in),
        text(in),
        text(in),
        text(in),
        optional(in),
        optional(in));
  }

  private static Optional<String> optional(ByteBuffer in) {
    return in.get() == 0 ? Optional.empty() : Optional.of(text(in));
  }

  private static String text(ByteBuffer in) {
    return new String(bytes(in), UTF_8);
  }

  private static byte[] bytes(ByteBuffer in) {
    byte[] bytes = new byte[in.getInt()];
    in.get(bytes);
    return bytes;
  }

  @Provide
  Arbitrary<AuditRow> rows() {
    Arbitrary<Optional<String>> some = texts().optional(0.7);
    return Combinators.combine(
            Combinators.combine(
                    Arbitraries.frequencyOf(
                        Tuple.of(3, Arbitraries.longs().between(0, 2)),
                        Tuple.of(1, Arbitraries.longs())),
                    Arbitraries.longs().between(-2, 2_000_000),
                    texts(),
                    texts(),
                    texts(),
                    some,
                    some)
                .as(Start::new),
            texts(),
            texts(),
            texts(),
            texts(),
            some,
            some,
            hashes())
        .as((start, action, kind, id, name, before, after, previous) ->
            new AuditRow(
                start.seq,
                new HashedAuditFields(
                    Instant.EPOCH.plusNanos(start.micros * 1_000),
                    start.callerKind,
                    start.callerId,
                    start.callerName,
                    start.address,
                    start.requestId,
                    action,
                    kind,
                    id,
                    name,
                    before,
                    after),
                previous));
  }

  private record Start(
      long seq,
      long micros,
      String callerKind,
      String callerId,
      String callerName,
      Optional<String> address,
      Optional<String> requestId) {}

  /// Few and short texts, so that equal rows are frequent, and texts that resemble an encoding.
  private static Arbitrary<String> texts() {
    return Arbitraries.frequencyOf(
        Tuple.of(6, Arbitraries.of("", "a", "aa", "\0", "\0\0\0\1a", "ä", "\1")),
        Tuple.of(
            1, Arbitraries.strings().all().ofMaxLength(8).filter(AuditRowPropertyTest::isText)));
  }

  private static boolean isText(String text) {
    return UTF_8.newEncoder().canEncode(text);
  }

  private static Arbitrary<AuditHash> hashes() {
    return Arbitraries.of(
        AuditHash.NONE, new AuditHash(""), new AuditHash("00"), new AuditHash("ff".repeat(32)));
  }
}
