package dev.agentlab.kinds;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.secrets.Secret;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Compares signatures with those of botocore 1.43, Amazon's Python library, for the same requests.
class AwsSignatureTest {
  private static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2015-08-30T12:36:00Z"), ZoneOffset.UTC);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          POST | https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse | {"messages":[]} | us-east-1 | 51a5168f5a7e928944be349bded7dfbe041e96445328fcd04cf528a82a43eacd
          GET | https://bedrock.us-east-1.amazonaws.com/foundation-models | '' | us-east-1 | 63f049870e8eb528f61bbdefe718ff20102d3b42787c0256db3778393048c4c2
          POST | http://127.0.0.1:8080/model/m/converse | {} | eu-central-1 | a424e7f9ce3a6c4eaa76e6732f84ed88c31ae69fa1844d977ab5c5f23359f288
          """)
  void signatureMatchesBotocore(
      String method, URI url, String body, String region, String signature) {
    Map<String, Secret> headers = signedHeaders(method, url, body, region, Optional.empty());

    assertThat(headerValue(headers, "Authorization"))
        .isEqualTo(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE0000000/20150830/%s/bedrock/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=%s"
                .formatted(region, signature));
    assertThat(headerValue(headers, "X-Amz-Date")).isEqualTo("20150830T123600Z");
  }

  @Test
  void temporaryKeySignsSessionTokenAndEncodedArn() {
    URI url =
        URI.create(
            "https://bedrock-runtime.us-east-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.amazon.nova-lite-v1%3A0/converse-stream");
    Map<String, Secret> headers =
        signedHeaders("POST", url, "{}", "us-east-1", Optional.of(Secret.of("session+token/==")));

    assertThat(headerValue(headers, "Authorization"))
        .endsWith(
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=c4b1506d954c87672451dbcf6bae94ae182696d61947cd2c0948eecc486190a5");
    assertThat(headerValue(headers, "X-Amz-Security-Token")).isEqualTo("session+token/==");
  }

  @Test
  void secretAccessKeyIsNeitherSentNorShown() {
    Map<String, Secret> headers =
        signedHeaders(
            "GET", URI.create("https://bedrock.test/"), "", "us-east-1", Optional.empty());

    assertThat(headers.values()).noneMatch(value -> value.reveal().contains(SECRET));
    assertThat(headers).doesNotContainKeys("Host", "host");
    assertThat(signature("us-east-1", Optional.empty()).toString()).doesNotContain(SECRET);
    assertThat(signature("us-east-1", Optional.of(Secret.of("t"))).secrets())
        .containsExactly(Secret.of(SECRET), Secret.of("t"));
  }

  private static String headerValue(Map<String, Secret> headers, String name) {
    return headers.entrySet().stream()
        .filter(it -> it.getKey().equalsIgnoreCase(name))
        .map(it -> it.getValue().reveal())
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, Secret> signedHeaders(
      String method, URI url, String body, String region, Optional<Secret> token) {
    return signature(region, token).headers(method, url, body.getBytes(UTF_8));
  }

  private static AwsSignature signature(String region, Optional<Secret> token) {
    return new AwsSignature(
        "AKIDEXAMPLE0000000", Secret.of(SECRET), token, region, "bedrock", CLOCK);
  }
}
