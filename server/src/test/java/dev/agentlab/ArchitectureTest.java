package dev.agentlab;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.implement;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameStartingWith;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import dev.agentlab.database.Migrator;
import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The layers and dependency rules of ARCHITECTURE.md.
class ArchitectureTest {
  private static final String ROOT = "dev.agentlab.";

  /// What the modules `cli` and `server` share.
  private static final String[] SHARED = {
    ROOT + "build..", ROOT + "errors..", ROOT + "json..", ROOT + "net..", ROOT + "time.."
  };

  private static final String[] BASE = {
    ROOT + "config..",
    ROOT + "lifecycle..",
    ROOT + "memory..",
    ROOT + "logging..",
    ROOT + "proxy..",
    ROOT + "secrets.."
  };
  private static final String[] TOOLKIT = {
    ROOT + "audit..",
    ROOT + "backup..",
    ROOT + "conversation..",
    ROOT + "database..",
    ROOT + "dialects..",
    ROOT + "eventloop..",
    ROOT + "feature..",
    ROOT + "http..",
    ROOT + "jsonschema..",
    ROOT + "kinds..",
    ROOT + "listing..",
    ROOT + "modelclient..",
    ROOT + "postgres..",
    ROOT + "resources..",
    ROOT + "security..",
    ROOT + "simulation..",
    ROOT + "upstream..",
    ROOT + "vault.."
  };

  /// The features that join domains: clients reach providers and agents through one API, and the
  /// overview shows the state of all domains.
  private static final String[] GATEWAY = {ROOT + "gateway..", ROOT + "overview.."};

  private static final String[] PROGRAM = {
    ROOT + "cli..", ROOT + "commands..", ROOT + "server..", "dev.agentlab"
  };

  /// The dialects in the package of that name: the prefixes of the names of their classes.
  private static final List<String> DIALECTS =
      List.of("Anthropic", "Bedrock|Aws", "Gemini", "OpenAi|ChatCompletions");

  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.agentlab");

  /// The packages of features, except those that other domains or the program use as well.
  private static final String[] DOMAINS =
      CODE.stream()
          .filter(implement(Feature.class))
          .filter(
              DescribedPredicate.not(
                  resideInAnyPackage(TOOLKIT)
                      .or(resideInAnyPackage(GATEWAY))
                      .or(resideInAnyPackage(PROGRAM))))
          .map(type -> type.getPackageName().substring(ROOT.length()))
          .map(name -> name.contains(".") ? name.substring(0, name.indexOf('.')) : name)
          .map(name -> ROOT + name + "..")
          .distinct()
          .toArray(String[]::new);

  @Test
  void layersDependOnlyOnLowerLayers() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("program")
        .definedBy("dev.agentlab", ROOT + "commands..")
        .layer("cli")
        .definedBy(ROOT + "cli..")
        .layer("server")
        .definedBy(ROOT + "server..")
        .layer("gateway")
        .definedBy(GATEWAY)
        .layer("domains")
        .definedBy(DOMAINS)
        .layer("toolkit")
        .definedBy(TOOLKIT)
        .layer("base")
        .definedBy(BASE)
        .layer("shared")
        .definedBy(SHARED)
        .whereLayer("program")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("cli")
        .mayOnlyBeAccessedByLayers("program")
        .whereLayer("server")
        .mayOnlyBeAccessedByLayers("program")
        .whereLayer("gateway")
        .mayOnlyBeAccessedByLayers("server")
        .whereLayer("domains")
        .mayOnlyBeAccessedByLayers("gateway", "server")
        .whereLayer("toolkit")
        .mayOnlyBeAccessedByLayers("domains", "gateway", "server", "program")
        .whereLayer("base")
        .mayOnlyBeAccessedByLayers("toolkit", "domains", "gateway", "server", "program")
        .whereLayer("shared")
        .mayOnlyBeAccessedByLayers(
            "base", "toolkit", "domains", "gateway", "server", "program", "cli")
        .check(CODE);
  }

  @Test
  void everyPackageBelongsToALayer() {
    String[] layers =
        Stream.of(SHARED, BASE, TOOLKIT, DOMAINS, GATEWAY, PROGRAM)
            .flatMap(Stream::of)
            .toArray(String[]::new);
    classes().should().resideInAnyPackage(layers).check(CODE);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(CODE);
  }

  @Test
  void domainsDoNotDependOnEachOther() {
    for (String domain : DOMAINS) {
      for (String other : DOMAINS) {
        if (!domain.equals(other)) {
          noClasses()
              .that()
              .resideInAPackage(domain)
              .should()
              .dependOnClassesThat()
              .resideInAPackage(other)
              .check(CODE);
        }
      }
    }
  }

  @Test
  void compositionRootListsEveryFeature() {
    String root = ROOT + "server.Features";
    classes()
        .that(implement(Feature.class))
        .should(
            ArchCondition.from(
                describe(
                    "be listed in " + root,
                    type ->
                        type.getConstructorCallsToSelf().stream()
                            .anyMatch(call -> call.getOriginOwner().getName().equals(root)))))
        .check(CODE);
  }

  @Test
  void everyRouteGroupBelongsToAFeature() {
    List<JavaCodeUnit> creators =
        CODE.get(RouteGroup.class).getConstructorCallsToSelf().stream()
            .map(JavaAccess::getOrigin)
            .filter(it -> !it.getOwner().getPackageName().startsWith(ROOT + "http"))
            .toList();
    assertThat(creators)
        .isNotEmpty()
        .allMatch(it -> it.getRawReturnType().isEquivalentTo(RouteGroup.class));
    assertThat(creators)
        .allSatisfy(creator ->
            assertThat(creator.getCallsOfSelf())
                .isNotEmpty()
                .allMatch(call -> call.getOriginOwner().isAssignableTo(Feature.class)));
  }

  @Test
  void conversationDependsOnNoDialect() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "conversation..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(ROOT.substring(0, ROOT.length() - 1) + "..")
                .and(
                    DescribedPredicate.not(
                        resideInAnyPackage(
                            ROOT + "conversation..", ROOT + "json..", ROOT + "errors.."))))
        .check(CODE);
  }

  /// Dialects meet only in the neutral conversation: otherwise one of them becomes the middle of
  /// all translations again.
  @Test
  void dialectsDoNotDependOnEachOther() {
    for (String dialect : DIALECTS) {
      for (String other : DIALECTS) {
        if (!dialect.equals(other)) {
          noClasses()
              .that(areOfDialect(dialect))
              .should()
              .dependOnClassesThat(areOfDialect(other))
              .check(CODE);
        }
      }
    }
  }

  private static DescribedPredicate<JavaClass> areOfDialect(String names) {
    return resideInAPackage(ROOT + "dialects..")
        .and(
            describe(
                "belong to the dialect " + names,
                type ->
                    type.getName().startsWith(ROOT + "dialects.", 0)
                        && Stream.of(names.split("[|]"))
                            .anyMatch(name ->
                                type.getName().startsWith(name, (ROOT + "dialects.").length()))));
  }

  @Test
  void agentRegistryDoesNotDependOnRuns() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "agents")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "agents.run..")
        .check(CODE);
  }

  @Test
  void onlyNetworkPackagesUseVertx() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT + "http..", ROOT + "upstream..", ROOT + "eventloop..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.vertx..", "io.netty..")
        .check(CODE);
  }

  @Test
  void onlyDatabasePackagesAndPostgresClassesUseSql() {
    noClasses()
        .that(
            DescribedPredicate.not(
                resideInAnyPackage(ROOT + "audit..", ROOT + "database..", ROOT + "listing..")
                    .or(simpleNameStartingWith("Postgres"))))
        .should()
        .dependOnClassesThat(resideInAPackage("java.sql"))
        .check(CODE);
  }

  @Test
  void onlySqlStatementAndMigratorUseStatements() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(SqlStatement.class, Row.class, Migrator.class)
        .should()
        .dependOnClassesThat(assignableTo(Statement.class).or(assignableTo(ResultSet.class)))
        .check(CODE);
  }

  @Test
  void interfacesOfSeveralMethodsHaveSeveralImplementations() {
    classes()
        .that(describe("are interfaces of several methods", ArchitectureTest::hasSeveralMethods))
        .and()
        .resideInAnyPackage(
            ROOT + "audit..",
            ROOT + "database..",
            ROOT + "keys..",
            ROOT + "lifecycle..",
            ROOT + "listing..",
            ROOT + "memory..",
            ROOT + "modelclient..",
            ROOT + "security..",
            ROOT + "vault..")
        .and()
        .doNotHaveSimpleName("Keys") // the contract of the domain
        .and()
        .doNotHaveSimpleName("CallLedger") // keeps calls free of the journal
        .and()
        .doNotHaveSimpleName("KeyVerifier") // keeps sessions free of keys
        .and()
        .doNotHaveSimpleName("RoutePlans") // keeps agents free of routes
        .and()
        .haveSimpleNameNotEndingWith("Listener") // keeps the type that calls it free of its user
        .should(
            ArchCondition.from(
                describe(
                    "have several implementations", type -> type.getAllSubclasses().size() > 1)))
        .check(CODE);
  }

  private static boolean hasSeveralMethods(JavaClass type) {
    return type.isInterface()
        && type.getMethods().stream()
                .filter(method -> method.getModifiers().contains(JavaModifier.ABSTRACT))
                .count()
            > 1;
  }

  @Test
  void onlyTheProgramReadsTheEnvironmentAndExits() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.agentlab", ROOT + "cli..", ROOT + "config..")
        .should()
        .callMethod(System.class, "getenv")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .check(CODE);
  }

  /// The JDK's regular expression engine backtracks: some texts take practically unlimited time or
  /// overflow its stack. It may match input of operators and of command users.
  @Test
  void externalTextIsNotMatchedByBacktrackingRegex() {
    noClasses()
        .that(DescribedPredicate.not(resideInAnyPackage(ROOT + "cli..", ROOT + "config..")))
        .should()
        .dependOnClassesThat(resideInAPackage("java.util.regex"))
        .orShould()
        .callMethodWhere(
            target(owner(type(String.class)))
                .and(
                    target(
                        nameMatching("matches|replaceAll|replaceFirst|split|splitWithDelimiters"))))
        .check(CODE);
  }

  /// Hosts, addresses and percent-encoding have one strict grammar each. The JDK's parsers also
  /// accept other spellings. A secret is searched for in every spelling.
  @Test
  void onlyNetParsesAddressesAndPercentEncoding() {
    noClasses()
        .that(
            DescribedPredicate.not(
                resideInAPackage(ROOT + "net..").or(nameMatching(".*\\.SecretRedactor"))))
        .should()
        .callMethod(InetAddress.class, "ofLiteral", String.class)
        .orShould()
        .dependOnClassesThat(type(URLDecoder.class).or(type(URLEncoder.class)))
        .check(CODE);
  }

  /// Caffeine has size limits, expiry and soft references.
  @Test
  void cachesAreBuiltWithCaffeine() {
    noClasses().should().dependOnClassesThat(resideInAPackage("java.lang.ref")).check(CODE);
  }

  @Test
  void typeNamesHaveNoGenericSuffix() {
    classes()
        .should()
        .haveNameNotMatching(".*(Impl|Util|Utils|Helper|Manager|Service)")
        .andShould()
        .haveNameNotMatching(".*\\.Abstract[^.]*")
        .check(CODE);
  }
}
