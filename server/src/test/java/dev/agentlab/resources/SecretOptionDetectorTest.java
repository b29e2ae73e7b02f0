package dev.agentlab.resources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretOptionDetectorTest {
  private static List<String> found(String options) {
    return SecretOptionDetector.find("o", Json.MAPPER.readTree(options).asObject());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"data_sources\": [{}, {\"authentication\": {\"type\": \"api_key\", \"key\": \"s\"}}]}"
            + "| o.data_sources[1].authentication.key",
        "{\"a\": {\"connection_string\": \"s\"}} | o.a.connection_string",
        "{\"a\": {\"connectionString\": \"s\"}} | o.a.connectionString",
        "{\"extra_headers\": {\"Authorization\": \"s\"}} | o.extra_headers.Authorization",
        "{\"credentials\": {\"user\": [\"s\"]}} | o.credentials.user[0]",
        "{\"password\": {\"properties\": {\"a\": \"s\"}}} | o.password.properties.a",
      })
  void stringWithSecretNameOrPathIsFound(String options, String place) {
    assertThat(found(options)).containsExactly(place);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"max_tokens\": 5, \"stop_token_ids\": [1, 2], \"stop\": [\"a\"], \"token\": \"\"}",
        "{\"prompt_cache_key\": \"team\", \"user\": \"u\"}",
        "{\"data_sources\": [{\"authentication\": {\"type\": \"system_assigned_identity\"}}]}",
        "{\"response_format\": {\"json_schema\": {\"schema\": {\"$defs\": {\"Key\": {\"type\":"
            + " \"string\"}}, \"properties\": {\"api_key\": {\"type\": \"string\"}}}}}}",
        "{\"tools\": [{\"function\": {\"name\": \"token\", \"parameters\": {\"properties\":"
            + " {\"password\": {\"type\": \"string\", \"description\": \"a key\"}}}}}]}"
      })
  void harmlessRequestOptionsAreNotFound(String options) {
    assertThat(found(options)).isEmpty();
  }

  @Test
  void valuesBelowSchemaNamesAreSearched() {
    assertThat(found("{\"properties\": {\"a\": {\"examples\": [{\"api_key\": \"s\"}]}}}"))
        .containsExactly("o.properties.a.examples[0].api_key");
  }
}
