#include "cli/auth_options.h"

namespace twinstore {
namespace {

constexpr int days_max = 36'500;

void add_create(CLI::App& token, TokenOptions& options) {
  CLI::App* create = token.add_subcommand("create", "Make one, and print it");
  create->add_option("name", options.name, "Whose it is: the user whose devices push under it")
      ->required()
      ->type_name("NAME");
  create->add_option("--role", options.role, "reader, writer or admin")->required();
  create->add_option("--workspace", options.workspace, "The workspace that it reaches")
      ->capture_default_str();
  create
      ->add_option("--scope", options.scopes,
                   "A repository, or its beginning and a star; may be repeated. Without: all")
      ->type_name("PATTERN");
  create->add_option("--days", options.days, "Until it expires; without: never")
      ->check(CLI::Range(1, days_max));
}

}  // namespace

void add_auth_options(CLI::App& serve, ServeOptions& options) {
  serve
      .add_option("--auth-tokens", options.auth.token_file,
                  "Ask for tokens: those of this file, which `twinstore token` writes")
      ->envname("TWINSTORE_AUTH_TOKENS")
      ->type_name("FILE");
  serve
      .add_option("--auth-keys", options.auth.key_file,
                  "Ask for tokens: JWTs under a key of this JWKS, read again when it changes")
      ->envname("TWINSTORE_AUTH_KEYS")
      ->type_name("FILE");
  serve.add_option("--auth-issuer", options.auth.issuer, "The iss that JWTs must name")
      ->envname("TWINSTORE_AUTH_ISSUER")
      ->type_name("TEXT");
  serve.add_option("--auth-audience", options.auth.audience, "The aud that JWTs must name")
      ->envname("TWINSTORE_AUTH_AUDIENCE")
      ->type_name("TEXT");
  serve
      .add_option("--rate", options.requests_per_second,
                  "Requests a second of one principal, where tokens are asked for; twice that of"
                  " an address or a workspace; 0: no bound")
      ->envname("TWINSTORE_RATE")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  serve
      .add_option("--trusted-proxy", options.trusted_proxies,
                  "Address of a proxy whose X-Forwarded-For is believed; may be repeated")
      ->envname("TWINSTORE_TRUSTED_PROXY")
      ->type_name("ADDRESS");
}

void add_token_commands(CLI::App& app, std::vector<Command>& commands) {
  const auto options = std::make_shared<TokenOptions>();
  CLI::App* token = app.add_subcommand("token", "Make, list and revoke tokens of a file");
  token->require_subcommand(1);
  token->fallthrough();  // --tokens may stand behind what is to be done
  token->add_option("--tokens", options->file, "The file that serve --auth-tokens reads")
      ->envname("TWINSTORE_AUTH_TOKENS")
      ->required()
      ->type_name("FILE");
  add_create(*token, *options);
  token->add_subcommand("list", "Show all but the tokens themselves");
  token->add_subcommand("revoke", "Withdraw one, within seconds")
      ->add_option("id", options->name, "As list shows it")
      ->required()
      ->type_name("ID");
  commands.push_back(
      {token->get_subcommand("create"), [options] { return create_token_command(*options); }});
  commands.push_back(
      {token->get_subcommand("list"), [options] { return list_tokens_command(*options); }});
  commands.push_back(
      {token->get_subcommand("revoke"), [options] { return revoke_token_command(*options); }});
}

}  // namespace twinstore
