"""What a bundle says of itself, in French and in English, to a reader who has nothing of ours."""

FRENCH = """DOSSIER DE CONTRÔLE — {centre}
Établi le {made} (UTC) pour : {for_whom}. Demandé par : {by}.

CE QU'IL CONTIENT
  registers/   registres (réquisitions, visionnages, extractions, destructions, renvois, gels, droits des personnes,
               fiche du registre des traitements), en CSV (UTF-8, points-virgules) et en PDF/A
  rules/       table des règles : respectée, en défaut, inconnue, à chaque acte ou pas encore appliquée, avec sa preuve
  law/         autorisations, échéances, textes des arrêtés et des conventions
  retention/   pour chaque caméra, l'image la plus ancienne du magnétoscope et le jour où elle doit disparaître
  log/         dernier point de contrôle signé du journal, clé publique du centre, {sampled} entrées tirées au sort
               avec leur preuve d'inclusion. Graine du tirage : {seed}. Et {earlier} points de contrôle plus anciens,
               chacun avec la preuve que le journal d'aujourd'hui commence par le sien, sans changement
Il ne contient aucune image, aucun secret (mot de passe, clé privée), et ne nomme que les personnes des registres.
Le PDF s'arrête aux 2 000 lignes les plus récentes ; le CSV les a toutes, jusqu'à 20 000.

LE VÉRIFIER SANS NOUS
  1. unzip {file} && cd {root}
  2. sha256sum -c manifest-sha256.txt          (Windows : certutil -hashfile FICHIER SHA256)
  3. openssl ts -verify -data manifest-sha256.txt -in manifest-sha256.txt.tsr -CAfile stamp-authority.pem
  Le fichier log/sample.json dit pour chaque entrée : sa place, ce qui la scelle, et les empreintes qui la relient à la
  racine de log/checkpoint.txt (RFC 6962). Règle du tirage : {rule}.
  Un point de contrôle que vous avez gardé (bordereau, dossier ancien) se cherche dans log/earlier.json : sa preuve de
  cohérence (RFC 9162, 2.1.4) relie sa racine à celle d'aujourd'hui.
  Qui veut choisir le tirage donne lui-même une graine au moment de la demande.

LE VÉRIFIER AVEC NOTRE OUTIL (hors ligne)
  beffroi audit verify-bundle {file}
  Avec --key, la clé publique imprimée sur les bordereaux de remise ; avec --authority, l'autorité d'horodatage.

CE QUE CELA PROUVE
  Horodatage : {stamp}. Une autorité propre au centre prouve l'ordre des actes chez lui, peu contre lui.
  Le point de contrôle engage le centre : comparez-le à ceux imprimés sur les bordereaux que d'autres ont gardés.
"""

ENGLISH = """INSPECTION BUNDLE — {centre}
Made on {made} (UTC) for: {for_whom}. Asked for by: {by}.

WHAT IS IN IT
  registers/   registers (requisitions, viewings, extractions, destructions, relays, holds, rights of persons, entry of
               the processing register), as CSV (UTF-8, semicolons) and PDF/A
  rules/       rule table: holds, fails, unknown, at each act, or not enforced yet, with its evidence
  law/         authorisations, due dates, texts of orders and conventions
  retention/   for each camera, the oldest footage of the recorder and the day it must be gone
  log/         newest signed checkpoint of the log, the centre's public key, {sampled} entries drawn by lot with their
               inclusion proofs. Seed of the draw: {seed}. And {earlier} earlier checkpoints, each with the proof that
               today's log begins with its log, unchanged
It has no picture, no secret (password, private key), and names only the persons of the registers.
The PDF stops at the newest 2,000 lines; the CSV has them all, up to 20,000.

TO VERIFY IT WITHOUT US
  1. unzip {file} && cd {root}
  2. sha256sum -c manifest-sha256.txt
  3. openssl ts -verify -data manifest-sha256.txt -in manifest-sha256.txt.tsr -CAfile stamp-authority.pem
  log/sample.json says for each entry its place, what seals it, and the hashes that lead to the root in
  log/checkpoint.txt (RFC 6962). Rule of the draw: {rule}.
  A checkpoint that you kept (slip, older bundle) is looked for in log/earlier.json: its consistency proof
  (RFC 9162, 2.1.4) leads from its root to today's.
  Whoever wants to choose the draw gives a seed when asking for the bundle.

TO VERIFY IT WITH OUR TOOL (offline)
  beffroi audit verify-bundle {file}
  With --key the public key printed on hand-over slips; with --authority the time-stamping authority.

WHAT THIS PROVES
  Time stamp: {stamp}. The centre's own authority proves the order of acts inside it, and little against it.
  The checkpoint binds the centre: compare it with those printed on the slips that others kept.
"""
