package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.config.SslMode;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.secrets.Secret;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DsnTest {
  @Test
  void allPartsOfUriAreParsed() {
    assertThat(Dsn.parse("postgres://ann:secret@db.example:6543/lab?sslmode=verify-full"))
        .isEqualTo(
            new Dsn(
                "db.example",
                6543,
                "lab",
                "ann",
                Optional.of(Secret.of("secret")),
                SslMode.VERIFY_FULL));
  }

  @Test
  void missingPartsHaveDefaults() {
    assertThat(Dsn.parse("postgresql://ann@"))
        .isEqualTo(new Dsn("localhost", 5432, "ann", "ann", Optional.empty(), SslMode.PREFER));
  }

  @Test
  void partsArePercentDecodedAndPlusIsLiteral() {
    Dsn dsn = Dsn.parse("postgres://a%40b:p%3A%2F%25+%C3%A9@h/d%20b");
    assertThat(dsn.user()).isEqualTo("a@b");
    assertThat(dsn.password()).contains(Secret.of("p:/%+é"));
    assertThat(dsn.database()).isEqualTo("d b");
  }

  @Test
  void ipv6HostIsInBrackets() {
    Dsn dsn = Dsn.parse("postgres://ann@[::1]:6543/lab");
    assertThat(dsn.host()).isEqualTo("::1");
    assertThat(dsn.address()).isEqualTo("[::1]:6543/lab");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "mysql://ann:hidden@h/d",
        "ann:hidden@h/d",
        "postgres://ann:hid@den@h/d#x",
        "postgres://ann:x?hid@h/d",
        "postgres://ann:x/hid@h/d",
        "postgres://ann:hid?sslmode=require"
      })
  void malformedUriIsRejectedWithoutThePassword(String text) {
    assertThatThrownBy(() -> Dsn.parse(text))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("postgres://user:password@host:port/database")
        .hasMessageNotContaining("hid");
  }

  @Test
  void allErrorsAreReportedTogether() {
    assertThatThrownBy(() -> Dsn.parse("postgres://:hidden%@h:99999/d?sslmode=on&timezone=UTC"))
        .isInstanceOfSatisfying(
            InvalidInputException.class,
            e ->
                assertThat(e.errors())
                    .extracting(FieldError::field)
                    .containsExactlyInAnyOrder(
                        "dsn.user", "dsn.password", "dsn.port", "dsn.sslmode", "dsn.timezone"))
        .hasMessageContaining("disable, allow, prefer, require, verify-ca, verify-full")
        .hasMessageNotContaining("hidden");
  }

  @ParameterizedTest
  @CsvSource({"0", "65536", "x", "-1", "٣"})
  void portOutOfRangeIsRejected(String port) {
    assertThatThrownBy(() -> Dsn.parse("postgres://ann@h:%s/d".formatted(port)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("dsn.port: must be a number from 1 to 65535");
  }

  @Test
  void toStringHidesPassword() {
    assertThat(Dsn.parse("postgres://ann:hidden@h/d")).asString().doesNotContain("hidden");
  }

  @Property
  void anyTextIsParsedOrRejected(@ForAll String user, @ForAll String rest) {
    for (String text : new String[] {user, "postgres://" + user + "@" + rest}) {
      try {
        Dsn.parse(text);
      } catch (InvalidInputException e) {
        assertThat(e.errors()).isNotEmpty();
      }
    }
  }
}
