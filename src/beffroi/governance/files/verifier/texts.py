"""What each finding says, in English and in French."""

from __future__ import annotations

TEXTS = {
    "absent": ("There is nothing at {where}.", "Il n’y a rien à l’emplacement {where}."),
    "neither_folder_nor_zip": (
        "{where} is neither a folder nor a zip file.",
        "{where} n’est ni un dossier ni une archive zip.",
    ),
    "unreadable": ("{where} cannot be read: {why}.", "{where} est illisible : {why}."),
    "too_many_files": (
        "More than {limit} files: this is not checked.",
        "Plus de {limit} fichiers : la vérification n’est pas faite.",
    ),
    "zip_bomb": (
        "The zip would unfold to more than {limit} times its size: this is not checked.",
        "L’archive se déploierait à plus de {limit} fois sa taille : la vérification n’est pas faite.",
    ),
    "zip_unreadable": ("The zip file cannot be opened: {why}.", "L’archive zip ne s’ouvre pas : {why}."),
    "zip_cut": (
        "The zip breaks off in {where}: {present} of {wanted} bytes are there; {whole} files before it are whole.",
        "L’archive s’interrompt dans {where} : {present} octets sur {wanted} ; {whole} fichiers entiers la précèdent.",
    ),
    "not_a_package": (
        "This is no evidence package: no bagit.txt and no manifest.",
        "Ce n’est pas un paquet de preuve : ni bagit.txt ni manifeste.",
    ),
    "link": ("A link stands in the package; it is not followed.", "Le paquet contient un lien ; il n’est pas suivi."),
    "special_file": ("This is not a plain file.", "Ce n’est pas un fichier ordinaire."),
    "unsafe_name": (
        "A file name would lead out of the package, or is absurd.",
        "Un nom de fichier mènerait hors du paquet, ou est absurde.",
    ),
    "encrypted": ("This entry is encrypted.", "Cette entrée est chiffrée."),
    "odd_compression": ("Compressed in an unusual way.", "Compression inhabituelle."),
    "twice_in_zip": ("The zip holds this name twice.", "L’archive contient deux fois ce nom."),
    "beside_package": ("This file stands beside the package.", "Ce fichier se trouve à côté du paquet."),
    "unreadable_tag_file": ("This file cannot be read.", "Ce fichier est illisible."),
    "not_utf8": (
        "Not text in the declared encoding (byte {offset}).",
        "Ce n’est pas du texte dans l’encodage déclaré (octet {offset}).",
    ),
    "bad_declaration": ("Line {line} is not as BagIt wants it.", "La ligne {line} n’est pas conforme à BagIt."),
    "bad_info_line": ("A line has no label.", "Une ligne n’a pas d’étiquette."),
    "bad_manifest_line": ("Line {line} cannot be read.", "La ligne {line} est illisible."),
    "loose_manifest_line": (
        "Line {line} is written loosely; it is read as meant.",
        "La ligne {line} est écrite librement ; elle est lue selon l’intention.",
    ),
    "listed_twice": ("Listed twice (line {line}).", "Cité deux fois (ligne {line})."),
    "unknown_algorithm": ("Digest of an unknown kind: not used.", "Empreinte d’un type inconnu : non utilisée."),
    "no_manifest": ("There is no manifest.", "Il n’y a pas de manifeste."),
    "missing": ("This file is missing.", "Ce fichier manque."),
    "extra": ("This file is in no list.", "Ce fichier ne figure sur aucune liste."),
    "not_listed": ("This file must stand in {manifest}.", "Ce fichier doit figurer dans {manifest}."),
    "renamed": ("Its content is that of {was}: it was renamed.", "Son contenu est celui de {was} : il a été renommé."),
    "normalised_name": (
        "The name is written in another Unicode form.",
        "Le nom est écrit sous une autre forme Unicode.",
    ),
    "oxum": (
        "Bytes and files counted: {bytes} and {files}; bag-info.txt says otherwise.",
        "Décompte : {bytes} octets et {files} fichiers ; bag-info.txt dit autre chose.",
    ),
    "unreadable_file": (
        "This file cannot be read to its end: {why}.",
        "Ce fichier ne se lit pas jusqu’au bout : {why}.",
    ),
    "altered": (
        "Altered: its digest is not the one in {manifest}.",
        "Altéré : son empreinte n’est pas celle de {manifest}.",
    ),
    "contradiction": ("{manifest} gives another digest.", "{manifest} donne une autre empreinte."),
    "place": (
        "Altered between bytes {first} and {last}: camera {camera}, {from} to {to}.",
        "Altéré entre les octets {first} et {last} : caméra {camera}, du {from} au {to}.",
    ),
    "place_cut": (
        "Cut between bytes {first} and {last}: camera {camera}, {from} to {to}.",
        "Coupé entre les octets {first} et {last} : caméra {camera}, du {from} au {to}.",
    ),
    "place_absent": (
        "Bytes {first} to {last} are missing: camera {camera}, {from} to {to}.",
        "Les octets {first} à {last} manquent : caméra {camera}, du {from} au {to}.",
    ),
    "more_places": ("And {count} more places.", "Et {count} autres endroits."),
    "place_unknown": (
        "The place cannot be told: {why} is altered or missing too.",
        "L’endroit ne peut être indiqué : {why} est également altéré ou absent.",
    ),
    "unreadable_from": ("Unreadable from byte {first} on.", "Illisible à partir de l’octet {first}."),
    "bytes_added": (
        "Bytes were added from byte {first} on.",
        "Des octets ont été ajoutés à partir de l’octet {first}.",
    ),
    "custody_cut": ("The chain breaks off at line {line}.", "La chaîne s’interrompt à la ligne {line}."),
    "custody_line": ("Line {line} is no event.", "La ligne {line} n’est pas un événement."),
    "custody_break": (
        "Line {line} does not follow from the line before.",
        "La ligne {line} ne découle pas de la précédente.",
    ),
    "custody_signature": (
        "Line {line} is not signed by the centre.",
        "La ligne {line} n’est pas signée par le centre.",
    ),
    "custody_too_long": ("More than {limit} events: not checked.", "Plus de {limit} événements : non vérifié."),
    "signatures_sampled": (
        "Only the first {limit} signatures are checked; the chain covers all lines.",
        "Seules les {limit} premières signatures sont vérifiées ; la chaîne couvre toutes les lignes.",
    ),
    "bad_key": ("The centre’s public key cannot be read.", "La clé publique du centre est illisible."),
    "bad_proofs": ("The proofs cannot be read.", "Les preuves sont illisibles."),
    "bad_proof": ("Proof {line} does not lead to the log.", "La preuve {line} ne mène pas au journal."),
    "bad_checkpoint": ("The log’s checkpoint is not signed by the centre.", "Le point de contrôle n’est pas signé."),
    "no_checkpoint": (
        "No checkpoint of the log was available.",
        "Aucun point de contrôle du journal n’était disponible.",
    ),
    "no_stamp": ("There is no time stamp.", "Il n’y a pas d’horodatage."),
    "stamp_bad": ("The time stamp does not hold: {why}.", "L’horodatage ne tient pas : {why}."),
    "stamp_unknown": (
        "The time stamp cannot be checked here: {why}.",
        "L’horodatage ne peut être vérifié ici : {why}.",
    ),
    "stamp_sum": (
        "The time stamp file is not the one that was written.",
        "Le fichier d’horodatage n’est pas celui qui a été écrit.",
    ),
    "stamp_untrusted": (
        "The stamp does not lead to the authority you gave.",
        "L’horodatage ne mène pas à l’autorité que vous avez indiquée.",
    ),
    "stamp_own": (
        "Stamped by the centre’s own authority: it proves little against the centre itself.",
        "Horodaté par l’autorité propre du centre : cela prouve peu contre le centre lui-même.",
    ),
    "stamp_unproved": (
        "Whether to believe the authority was not asked (--authority FILE.pem).",
        "La confiance dans l’autorité n’a pas été examinée (--authority FICHIER.pem).",
    ),
    "other_name": (
        "Called “{called}”; the package calls itself “{itself}”. The name is no part of the proof.",
        "Nommé « {called} » ; le paquet se nomme « {itself} ». Le nom ne fait pas partie de la preuve.",
    ),
    "repacked": (
        "Packed anew, or altered outside the files: the zip differs from the one delivered from byte {first} on.",
        "Recompressé, ou altéré hors des fichiers : l’archive diffère de celle remise à partir de l’octet {first}.",
    ),
    "other_digest": (
        "The file’s digest is {found}, not the one you gave.",
        "L’empreinte du fichier est {found}, et non celle que vous avez indiquée.",
    ),
    "plain_bag": (
        "A BagIt package of another kind: only the rules of BagIt were checked.",
        "Paquet BagIt d’un autre type : seules les règles de BagIt ont été vérifiées.",
    ),
    "bad_profile": ("The profile {itself} is not known here.", "Le profil {itself} n’est pas connu ici."),
    "bad_recording": ("The list of videos cannot be read.", "La liste des vidéos est illisible."),
}
VERDICTS = {
    "valid": ("VALID: every byte is the one that was sealed.", "VALIDE : chaque octet est celui qui a été scellé."),
    "bad": ("NOT VALID: faults found: {count}.", "NON VALIDE : fautes constatées : {count}."),
    "unchecked": ("COULD NOT BE CHECKED.", "VÉRIFICATION IMPOSSIBLE."),
}
LABELS = {
    "package": ("Package", "Paquet"),
    "files": ("Files", "Fichiers"),
    "bytes": ("bytes", "octets"),
    "video": ("Video", "Vidéo"),
    "stamp": ("Time stamp", "Horodatage"),
    "custody": ("Custody events", "Événements de traçabilité"),
    "key": ("centre’s key", "clé du centre"),
    "bad": ("fault", "faute"),
    "unchecked": ("not checked", "non vérifié"),
    "note": ("note", "note"),
}


def sentence(code: str, lang: str, where: str, data: dict[str, object]) -> str:
    """The sentence of a finding, in ``fr`` or ``en``."""
    text = TEXTS.get(code, (code, code))[1 if lang == "fr" else 0]
    return text.format_map(_Shown({"where": where, **data}))


class _Shown(dict):  # type: ignore[type-arg]
    def __missing__(self, key: str) -> str:
        return "?"
