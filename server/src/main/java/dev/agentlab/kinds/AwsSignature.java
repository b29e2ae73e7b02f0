package dev.agentlab.kinds;

import dev.agentlab.secrets.Secret;
import java.net.URI;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/// A credential that signs each request with AWS Signature Version 4, which covers the method, the
/// URL and the body (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html). The
/// secret access key itself is not sent.
///
/// @param sessionToken the session token of a temporary access key
/// @param clock the source of the signing time; AWS accepts a signature for some minutes
record AwsSignature(
    String accessKeyId,
    Secret secretAccessKey,
    Optional<Secret> sessionToken,
    String region,
    String service,
    Clock clock)
    implements ProviderCredential {
  private static final AwsV4HttpSigner SIGNER = AwsV4HttpSigner.create();

  @Override
  public Map<String, Secret> headers(String method, URI url, byte[] body) {
    SdkHttpRequest request =
        SdkHttpRequest.builder().method(SdkHttpMethod.fromValue(method)).uri(url).build();
    SignedRequest signed =
        SIGNER.sign(it ->
            it.identity(identity())
                .request(request)
                .payload(ContentStreamProvider.fromByteArray(body))
                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                .putProperty(HttpSigner.SIGNING_CLOCK, clock));
    Map<String, Secret> headers = new HashMap<>();
    signed
        .request()
        .forEachHeader((name, values) -> headers.put(name, Secret.of(values.getFirst())));
    // The HTTP client sets the same Host header that is signed.
    headers.remove("Host");
    return headers;
  }

  private AwsCredentialsIdentity identity() {
    return sessionToken
        .<AwsCredentialsIdentity>map(token ->
            AwsSessionCredentialsIdentity.create(
                accessKeyId, secretAccessKey.reveal(), token.reveal()))
        .orElseGet(() -> AwsCredentialsIdentity.create(accessKeyId, secretAccessKey.reveal()));
  }

  @Override
  public boolean signsBody() {
    return true;
  }

  @Override
  public String header() {
    return "Authorization";
  }

  @Override
  public List<Secret> secrets() {
    return Stream.concat(Stream.of(secretAccessKey), sessionToken.stream()).toList();
  }
}
