// Pulumi's policy host loads packs with require(), and would compile TypeScript with a compiler of 2019.
require("tsx/cjs/api").register();
require("./pack.mts");
