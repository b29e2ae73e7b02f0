package dev.agentlab.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyPathTest {
  private static final String BASE = "https://api.test/v1";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "files                      | files",
        "files/file-1/content       | files/file-1/content",
        "models/a:generate%20it     | models/a:generate%20it",
        "a/organization/x           | a/organization/x",
        "keyset                     | keyset",
      })
  void pathPassesUndecoded(String path, String passed) {
    assertThat(ProxyPath.parse("/proxy/a%2Fb/" + path).in(BASE, "", ""))
        .hasToString(BASE + "/" + passed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "a//b",
        "a/",
        ".",
        "..",
        "a/../b",
        "a/./b",
        "%2e%2e/b",
        "%2E./b",
        "a/.%2e",
        "a%2Fb",
        "..%2fb",
        "a%5Cb",
        "..%5cb",
        "%252e%252e/b",
        "a%252fb",
        "..;/b",
        "..;x=1/b",
        ".;/b",
        ";x/b",
        "a%00b",
        "a%0d%0ab",
        "a%7f",
      })
  void pathThatCouldLeaveTheBaseUrlIsRefused(String path) {
    assertThatThrownBy(() -> ProxyPath.parse("/proxy/p/" + path))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("path: must have no empty segments");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "organization",
        "organization/admin_api_keys",
        "Organization/users",
        "%6Frganization/users",
        "organization;x=1/users",
        "v1/organization/users",
        "api/v1/keys",
        "projects/p/roles",
        "organizations/me",
        "keys",
        "credits",
        "auth/keys",
      })
  void pathOfAnAdministrationApiIsRefused(String path) {
    assertThatThrownBy(() -> ProxyPath.parse("/proxy/p/" + path))
        .isInstanceOf(GatewayException.AdministrationRefused.class)
        .hasMessageContaining("https://");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "-               | -                  | ''",
        "-               | a=1&b[]=%20        | ?a=1&b[]=%20",
        "?api-version=1  | -                  | ?api-version=1",
        "?api-version=1  | a=1                | ?api-version=1&a=1",
        "?api-version=1  | a=1&api-version=2  | ?a=1&api-version=2",
        "?api-version=1  | xapi-version=2     | ?api-version=1&xapi-version=2",
      })
  void queryPasses(String own, String query, String passed) {
    assertThat(
            ProxyPath.parse("/proxy/p/a")
                .in(BASE, own == null ? "" : own, query == null ? "" : query))
        .hasToString(BASE + "/a" + passed);
  }

  @Test
  void characterThatMustBeEncodedIsRefused() {
    assertThatThrownBy(() -> ProxyPath.parse("/proxy/p/a|b").in(BASE, "", ""))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("percent-encoded");
  }
}
