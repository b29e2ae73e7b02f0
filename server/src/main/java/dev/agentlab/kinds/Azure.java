package dev.agentlab.kinds;

import com.google.re2j.Pattern;
import dev.agentlab.dialects.OpenAi;
import dev.agentlab.net.PercentEncoding;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/// The provider kind of Azure OpenAI. A provider is either one deployment of a resource, addressed
/// by its name and an API version (https://learn.microsoft.com/azure/ai-foundry/openai/reference),
/// or, at `/openai/v1`, all deployments of a resource, selected by the request's model
/// (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle).
final class Azure {
  /// The API version of the request that lists models; the version of a deployment may not support
  /// that request.
  private static final String MODELS_API_VERSION = "2024-10-21";

  private static final Pattern V1_PATH = Pattern.compile("/openai/v1/?$");

  private static final Option AUTH_TYPE =
      Option.choice(
              "auth_type",
              "How the token is sent: api_key in the api-key header, bearer in the Authorization"
                  + " header.",
              "api_key",
              "bearer")
          .defaultValue("api_key")
          .asRequiredUnless(V1_PATH);

  static final ProviderKind KIND =
      new ProviderKind(
          "azure",
          "Azure",
          "Models deployed in Azure OpenAI.",
          Option.url(
                  "base_url",
                  "The endpoint of the resource with /openai/v1, such as"
                      + " https://my-resource.openai.azure.com/openai/v1, or with /openai to use"
                      + " one deployment with an API version.")
              .asRequired(),
          NetworkOptionsReader.addTo(
              List.of(
                  Option.text(
                          "deployment",
                          "The name of the deployment. Not used with /openai/v1, where the model of"
                              + " each request names the deployment.")
                      .asRequiredUnless(V1_PATH)
                      .check(OptionChecks::pathSegment),
                  AUTH_TYPE,
                  Option.secret("token", "An API key of the resource, or an Entra access token.")
                      .asRequired(),
                  Option.text(
                          "api_version",
                          "The API version, such as 2024-10-21. Not used with /openai/v1.")
                      .asRequiredUnless(V1_PATH))),
          EnumSet.allOf(Capability.class),
          new DiagnosisAdvice(
              "Compare base_url with the endpoint that the Azure portal shows for the resource.",
              "base_url should end in /openai or /openai/v1, such as"
                  + " https://my-resource.openai.azure.com/openai/v1.",
              "The resource lists no models; deploy one in the Azure portal."),
          Azure::build);

  private Azure() {}

  /// The deployment that answers all requests of a provider; empty if the model of the request
  /// selects it, or if the provider is of another kind.
  static Optional<String> deployment(ProviderConfig config) {
    return config.name().equals(KIND.name()) && !V1_PATH.matcher(BaseUrl.of(config)).find()
        ? config.nonSecretText("deployment")
        : Optional.empty();
  }

  private static CallableProvider build(ProviderConfig config) {
    String baseUrl = BaseUrl.of(config);
    boolean v1 = V1_PATH.matcher(baseUrl).find();
    return new CallableProvider(
        KIND,
        v1 ? OpenAi.withRules().withResponses() : OpenAi.withRules(),
        v1
            ? baseUrl
            : baseUrl + "/deployments/" + PercentEncoding.encode(config.textOrEmpty("deployment")),
        v1 ? "" : "?api-version=" + PercentEncoding.encode(config.textOrEmpty("api_version")),
        ModelListEndpoint.openAi(
            URI.create(baseUrl + "/models" + (v1 ? "" : "?api-version=" + MODELS_API_VERSION))),
        ProviderCredential.fromToken(config, AUTH_TYPE, "api-key"));
  }
}
